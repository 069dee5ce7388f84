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
  #waiting: PromiseWithResolvers<Buffer> | null = null
  #failure: Error | null = null

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the server closed the connection')))
  }

  /** `from`: the address that it comes from, of this machine's. */
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
    const answer = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#length)
    if (isWhole(answer)) this.#waiting?.resolve(answer)
    else this.#chunks = [answer]
  }
}

const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n')

/** By its length where that is told, else by the chunk that ends it: JSON holds no line break of its own. */
function isWhole(answer: Buffer): boolean {
  const headEnd = answer.indexOf('\r\n\r\n')
  if (headEnd === -1) return false
  if (answer.toString('latin1', 9, 12) === '204') return true
  const told = /content-length: *(\d+)/i.exec(answer.toString('latin1', 0, headEnd))?.[1]
  if (told !== undefined) return answer.length >= headEnd + 4 + Number(told)
  return answer.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)
}

const HEAD_OK = Buffer.from('HTTP/1.1 200')
const ERRORS = Buffer.from('"errors"')

/** Throws unless the request was answered, and by no GraphQL error. */
export function refuseFailure(answer: Buffer) {
  if (!answer.subarray(0, HEAD_OK.length).equals(HEAD_OK) || answer.includes(ERRORS))
    throw new Error(`a request failed while measuring:\n${answer.toString().slice(0, 2_000)}`)
}
