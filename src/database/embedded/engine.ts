import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { hasRoomFor } from './disk-space.ts'
import { openThread, within } from './open-thread.ts'
import type { EmbeddedPlace, Serving } from './options.ts'
import { ReopeningPause } from './reopening-pause.ts'
import { EmbeddedLost, refuseAll, type Sent } from './sent.ts'
import type { EmbeddedStream } from './stream.ts'
import type { ThreadNote } from './thread.ts'
import { errorIn, isWhole, joined, queryMessage, rowsIn } from './wire.ts'

/** How long upkeep may take: long enough that only upkeep that is stuck is ended. */
const UPKEEP_WITHIN_MS = 600_000

/** How long an abandoned statement may still run: others wait for as long as it runs. */
const ABANDONED_WITHIN_MS = 1_000

/** How long the database may take to close. What it has committed is stored in any case. */
const CLOSE_WITHIN_MS = 3_000

/**
 * The embedded database, in a thread of its own: PGlite blocks the thread that it runs in, and can't cancel a
 * statement. A statement that runs for too long, or hangs, is ended here together with the thread, and the database is
 * opened again. It recovers as from a crash, and loses nothing that was committed.
 */
export class EmbeddedEngine {
  readonly #place: EmbeddedPlace
  /** Called each time the database was lost, or could not be opened again. */
  onFailure: (error: unknown) => void = () => {}
  #thread: Worker | null = null
  /** A thread whose database is not open yet. */
  #opening: Worker | null = null
  /** The current attempt to open it, or the last one. */
  #attempt: Promise<void>
  readonly #reopening = new ReopeningPause()
  readonly #closing = new AbortController()
  #stream: EmbeddedStream | null = null
  #sent: Sent[] = []
  #serving: Serving | null = null
  #timer: NodeJS.Timeout | undefined
  #diskIsFull = false
  #sentCount = 0
  /** Upkeep that waits until no transaction is open. */
  #upkeep: Sent[] = []

  private constructor(place: EmbeddedPlace) {
    this.#place = place
    this.#attempt = this.#open()
  }

  /** Opens the database in a data directory, which nobody else may use. */
  static async start(place: EmbeddedPlace): Promise<EmbeddedEngine> {
    const engine = new EmbeddedEngine(place)
    await engine.#attempt
    return engine
  }

  get #isClosing(): boolean {
    return this.#closing.signal.aborted
  }

  /** Throws if it can't be written to now. */
  refuseIfUnfit(): void {
    this.#refuseIfLost()
    if (this.#diskIsFull)
      throw new Error(
        `DATA_DIR: the disk of ${this.#place.dataDir} is full: writes are refused while less than 64 MB are free. Make room on it.`,
      )
  }

  #refuseIfLost() {
    if (!this.#thread) throw new EmbeddedLost('The embedded database is being opened again.')
  }

  /** Whether writes are refused because the disk has too little room. */
  get diskIsFull(): boolean {
    return this.#diskIsFull
  }

  /** How many messages were sent to it since it was first opened: if this does not change, nobody uses it. */
  get sentCount(): number {
    return this.#sentCount
  }

  /** Sets the time limit of statements and the role of new connections, from now on. */
  serve(serving: Serving): void {
    this.#serving = serving
  }

  /** Makes a stream the only connection, in place of any other, once the database is open. */
  async attach(stream: EmbeddedStream): Promise<void> {
    await this.#attempt
    this.#stream?.destroy()
    this.#stream = null
    try {
      await this.#prepare()
      this.#stream = stream
    } catch (error) {
      if (this.#isClosing || stream.destroyed || !(error instanceof EmbeddedLost)) throw error
      // What ran before has taken the database down.
      await this.attach(stream)
    }
  }

  /** Clears the state of the previous connection. */
  async #prepare(): Promise<void> {
    const statements = ['ROLLBACK', 'DISCARD ALL', ...(this.#serving ? [`SET ROLE ${this.#serving.role}`] : [])]
    const messages = joined(statements.map(queryMessage))
    const answer = await new Promise<Uint8Array>((answered, lost) =>
      this.#post({ messages, stream: null, answered, lost }),
    )
    const error = errorIn(answer)
    if (error !== null) throw new Error(`The connection to the embedded database could not be prepared: ${error}`)
  }

  /** Whether a statement may write this much to the log. */
  hasRoomFor(bytes: number): boolean {
    return hasRoomFor(bytes, this.#place.dataDir)
  }

  /** Runs one statement as the database's superuser, outside of any transaction, and returns its rows. */
  async maintain(statement: string): Promise<(string | null)[][]> {
    const role = this.#serving?.role ?? 'none'
    return rowsIn(await this.#runUpkeep(joined(['RESET ROLE', statement, `SET ROLE ${role}`].map(queryMessage))))
  }

  /** Copies the files as they are after a checkpoint and outside of any transaction. */
  async copyTo(directory: string): Promise<void> {
    // So that there is little to recover when the copy is opened.
    await this.maintain('CHECKPOINT')
    await this.#runUpkeep({ copyTo: directory })
  }

  /** Runs upkeep between two transactions. Returns the answer; throws if that is an error. */
  async #runUpkeep(messages: Sent['messages']): Promise<Uint8Array> {
    this.#refuseIfLost()
    const answer = await new Promise<Uint8Array>((answered, lost) => {
      this.#upkeep.push({ messages, stream: null, limitMs: UPKEEP_WITHIN_MS, answered, lost })
      this.#beginUpkeep()
    })
    const error = errorIn(answer)
    if (error !== null) throw new Error(error)
    return answer
  }

  #beginUpkeep() {
    if (this.#sent.length > 0 || this.#stream?.isInTransaction) return
    const next = this.#upkeep.shift()
    if (next) this.#post(next)
  }

  send(stream: EmbeddedStream, messages: Uint8Array): void {
    // A lost stream is about to learn of it.
    if (stream !== this.#stream || !this.#thread) return
    this.#sentCount += 1
    this.#post({ messages, stream, answered: (answer) => stream.answer(answer), lost: () => {} })
  }

  /** Nobody waits any more for the answers to this stream. */
  abandon(stream: EmbeddedStream): void {
    if (this.#sent[0]?.stream === stream) this.#watch()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const thread = this.#thread
    this.#thread = null
    thread?.ref()
    if (thread && this.#sent.length === 0) {
      const exited = once(thread, 'exit')
      thread.postMessage(null)
      await within(CLOSE_WITHIN_MS, exited)
    }
    await thread?.terminate()
    clearTimeout(this.#timer)
    const closed = new EmbeddedLost('The embedded database was closed.')
    for (const { lost } of [...this.#sent.splice(0), ...this.#upkeep.splice(0)]) lost(closed)
    this.#stream?.destroy()
    await this.#opening?.terminate()
    await this.#attempt.catch(() => {})
  }

  #post(sent: Sent) {
    const thread = this.#thread
    if (!thread) return sent.lost(new EmbeddedLost('The embedded database is being opened again.'))
    this.#sent.push(sent)
    // A copy stays here, because we may have to answer it ourselves.
    thread.postMessage(sent.messages)
    if (this.#sent.length > 1) return
    // Somebody waits for it: it keeps the process alive until there is an answer.
    thread.ref()
    this.#watch()
  }

  #watch() {
    const [first] = this.#sent
    clearTimeout(this.#timer)
    if (!this.#serving || !first) return
    const mostMs = first.stream?.destroyed ? ABANDONED_WITHIN_MS : Number.POSITIVE_INFINITY
    const limitMs = Math.min(first.limitMs ?? this.#serving.statementTimeoutMs, mostMs)
    // An answer may have come while this thread was busy: it is read first.
    this.#timer = setTimeout(() => setImmediate(() => this.#sent[0] === first && this.#end(limitMs)), limitMs)
    this.#timer.unref()
  }

  #onMessage(thread: Worker, message: Uint8Array | ThreadNote) {
    if (thread !== this.#thread) return
    if (message instanceof Uint8Array) this.#onAnswer(thread, message)
    else this.#diskIsFull = message.diskIsFull
  }

  #onAnswer(thread: Worker, answer: Uint8Array) {
    if (!isWhole(answer)) return this.#lose(thread, new EmbeddedLost('The embedded database did not finish an answer.'))
    this.#sent.shift()?.answered(answer)
    this.#beginUpkeep()
    if (this.#sent.length === 0) thread.unref()
    this.#watch()
  }

  /** Ends a statement that ran for too long, with its thread. It fails as if PostgreSQL had cancelled it. */
  #end(limitMs: number) {
    const [first] = this.#sent
    if (!first || !this.#thread) return
    const { stream } = first
    const text = stream?.destroyed ? 'nobody waited for its statement' : `a statement took longer than ${limitMs} ms`
    const lost = new EmbeddedLost(`The embedded database was stopped: ${text}.`)
    // What is answered now is read before the stream is closed.
    this.#stream = null
    if (stream && refuseAll(this.#sent, stream, text)) stream.abort(lost)
    else setImmediate(() => stream?.destroy(lost))
    this.#lose(this.#thread, lost)
  }

  #lose(thread: Worker, error: Error) {
    if (thread !== this.#thread) return
    this.#thread = null
    clearTimeout(this.#timer)
    for (const { lost } of [...this.#sent.splice(0), ...this.#upkeep.splice(0)]) lost(error)
    this.#diskIsFull = false
    this.#stream?.destroy(error)
    this.#stream = null
    this.onFailure(error)
    this.#reopening.noteLost()
    thread.ref()
    void this.#openAgain(thread.terminate())
  }

  /**
   * Runs until the database is open or closed. A new connection waits for the attempt in progress; once one has failed,
   * nobody waits for the next.
   */
  async #openAgain(ended: Promise<unknown>) {
    // Never while the old thread runs: two on one directory lose rows.
    this.#setAttempt(ended.then(() => this.#reopening.wait(this.#closing.signal)).then(() => this.#open()))
    while (!this.#isClosing) {
      try {
        return await this.#attempt
      } catch (error) {
        if (this.#isClosing) return
        const failure = new EmbeddedLost('The embedded database could not be opened again.', { cause: error })
        this.onFailure(failure)
        this.#setAttempt(Promise.reject(failure))
        this.#reopening.noteFailed()
        await this.#reopening.wait(this.#closing.signal)
        this.#setAttempt(this.#open())
      }
    }
  }

  #setAttempt(attempt: Promise<void>) {
    this.#attempt = attempt
    // It may be that nobody waits for it.
    attempt.catch(() => {})
  }

  async #open(): Promise<void> {
    if (this.#isClosing) throw new EmbeddedLost('The embedded database was closed.')
    // PGlite would create a new one in its place.
    if (this.#reopening.wasOpen && !existsSync(join(this.#place.dataDir, 'PG_VERSION')))
      throw new Error('Its files are gone.')
    const thread = await openThread(this.#place, (opening) => {
      this.#opening = opening
    }).finally(() => {
      this.#opening = null
    })
    thread.on('message', (message: Uint8Array | ThreadNote) => this.#onMessage(thread, message))
    thread.on('error', (error) =>
      this.#lose(thread, new EmbeddedLost('The embedded database failed.', { cause: error })),
    )
    thread.on('exit', (code) =>
      this.#lose(thread, new EmbeddedLost(`The embedded database ended with exit code ${code}.`)),
    )
    thread.unref()
    this.#thread = thread
    this.#reopening.noteOpened()
  }
}
