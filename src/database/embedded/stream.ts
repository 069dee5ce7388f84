import { Duplex } from 'node:stream'
import type { EmbeddedEngine } from './engine.ts'
import { endsTransaction, failures, isTerminate, joined, ROLLED_BACK, WELCOME, wasLeftOpen } from './wire.ts'

/** SQLSTATE of a statement that follows a failed one in its transaction, and PostgreSQL's message for it. */
export const IN_FAILED_TRANSACTION = '25P02'
export const ABORTED = 'current transaction is aborted, commands ignored until end of transaction block'

/** Replaces the socket of node-postgres, so that the embedded database is used through the same driver as PostgreSQL. */
export class EmbeddedStream extends Duplex {
  readonly #engine: EmbeddedEngine
  #isWelcome = false
  #lost: Error | null = null
  /** Whether its transaction was open at the last answer. */
  isInTransaction = false

  constructor(engine: EmbeddedEngine) {
    super()
    this.#engine = engine
  }

  connect(): void {
    this.#engine.attach(this).then(
      () => this.emit('connect'),
      (error) => this.destroy(error),
    )
  }

  /** Methods of a socket that mean nothing here. */
  setNoDelay(): void {}
  setKeepAlive(): void {}
  ref(): void {}
  unref(): void {}

  answer(bytes: Uint8Array): void {
    if (this.destroyed) return
    this.isInTransaction = wasLeftOpen(bytes)
    this.push(bytes)
  }

  /** Its transaction has failed with the database. As in PostgreSQL, its statements fail until the client ends it. */
  abort(lost: Error): void {
    this.#lost = lost
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#send([chunk])
    done()
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#send(chunks.map(({ chunk }) => chunk))
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#engine.abandon(this)
    done(error)
  }

  override _final(done: () => void): void {
    this.push(null)
    done()
  }

  #send(chunks: readonly Buffer[]) {
    if (!this.#isWelcome) {
      // The first message says who connects, and to what. Here the answer is always the same.
      this.#isWelcome = true
      this.answer(WELCOME)
      return
    }
    // A copy, because the driver reuses its memory.
    const messages = joined(chunks)
    if (isTerminate(messages)) return
    if (this.#lost) this.#refuse(messages, this.#lost)
    else this.#engine.send(this, messages)
  }

  #refuse(messages: Uint8Array, lost: Error) {
    const isEnd = endsTransaction(messages)
    // No sooner than a socket would: the driver does not expect an answer yet.
    setImmediate(() => {
      this.answer(isEnd ? ROLLED_BACK : failures(messages, IN_FAILED_TRANSACTION, ABORTED))
      // After the answer was read.
      if (isEnd) setImmediate(() => this.destroy(lost))
    })
  }
}
