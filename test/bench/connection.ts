import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/**
 * One kept HTTP connection that sends what was written beforehand and reads no more of an answer than where it ends:
 * measuring shares the cores with what is measured. For an answer of 20 KB it takes as much of a core as `autocannon` does
 * (67 µs on a slow one, where undici took 120, `node:http` 240 and fetch 550), and hands out every answer and its time.
 * It is made for these servers: status lines are whole, and an answer ends before the next question.
 */
export class Connection {
  readonly #socket: Socket
  #chunks: Buffer[] = []
  #length = 0
  #head: Head | undefined
  #waiting: PromiseWithResolvers<Buffer> | null = null
  #failure: Error | null = null

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the server closed the connection')))
  }

  /** `from`: the address of this machine that it comes from. */
  static async open(origin: string, from?: string): Promise<Connection> {
    const { hostname, port } = new URL(origin)
    const host = hostname === 'localhost' ? '127.0.0.1' : hostname
    const socket = connect({ port: Number(port), host, ...(from ? { localAddress: from } : {}) })
    await once(socket, 'connect')
    return new Connection(socket)
  }

  /** The whole answer, headers and all. */
  send(request: Buffer): Promise<Buffer> {
    this.#chunks = []
    this.#length = 0
    this.#head = undefined
    this.#waiting = Promise.withResolvers()
    if (this.#failure) this.#waiting.reject(this.#failure)
    else this.#socket.write(request)
    return this.#waiting.promise
  }

  close() {
    this.#waiting = null
    this.#socket.destroy()
  }

  #fail(error: Error) {
    this.#failure ??= error
    this.#waiting?.reject(this.#failure)
  }

  #take(chunk: Buffer) {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#head === undefined) {
      const begun = Buffer.concat(this.#chunks, this.#length)
      this.#head = headOf(begun)
      this.#chunks = [begun]
    }
    if (this.#head && this.#isWhole(this.#head)) this.#waiting?.resolve(Buffer.concat(this.#chunks, this.#length))
  }

  /** By its length if that is given, else by the last chunk: JSON holds no line break of its own. */
  #isWhole({ length }: Head): boolean {
    if (length !== null) return this.#length >= length
    const ends = this.#chunks.slice(-LAST_CHUNK.length).map((chunk) => chunk.subarray(-LAST_CHUNK.length))
    return Buffer.concat(ends).subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)
  }
}

const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n')

interface Head {
  /** Of the whole answer; null: it comes in chunks. */
  length: number | null
}

function headOf(begun: Buffer): Head | undefined {
  const headEnd = begun.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const told = /content-length: *(\d+)/i.exec(begun.toString('latin1', 0, headEnd))?.[1]
  if (told !== undefined) return { length: headEnd + 4 + Number(told) }
  // The answer to a preflight has no body.
  return { length: begun.toString('latin1', 9, 12) === '204' ? headEnd + 4 : null }
}

const HEAD_OK = Buffer.from('HTTP/1.1 200')
const ERRORS = Buffer.from('"errors"')

/** Throws unless the request was answered, and by no GraphQL error. */
export function refuseFailure(answer: Buffer) {
  if (!answer.subarray(0, HEAD_OK.length).equals(HEAD_OK) || answer.includes(ERRORS))
    throw new Error(`a request failed while measuring:\n${answer.toString().slice(0, 2_000)}`)
}
