import type { AddressInfo } from 'node:net'
import { createConnection, createServer, type Server, type Socket } from 'node:net'

/** How a connection ends: as a proxy that closes it, or as a network that resets it. */
export type Ending = 'CLOSE' | 'RESET'

/** Where, counted from the message of the client that holds `text`. */
export interface Cut {
  /** What the client sends: part of a statement. */
  text: string
  /** Before it reaches the database, or after the database answered it and before the client hears of it. */
  when: 'BEFORE' | 'AFTER'
  ending: Ending
  /** With every other connection. */
  all?: boolean
}

interface Pair {
  client: Socket
  database: Socket
}

/**
 * Stands between a server and its PostgreSQL, passes everything on, and cuts connections where it is told to. Statements are
 * found as bytes: the protocol sends them as they are.
 */
export class FaultyProxy {
  readonly #target: URL
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  /** How many connections were cut where `cutAt` said. */
  cuts = 0
  #cut: Cut | null = null
  #refuses: boolean | string = false

  private constructor(target: URL) {
    this.#target = target
    this.#server = createServer((client) => this.#join(client))
  }

  get connections(): number {
    return this.#pairs.size
  }

  static async start(url: string): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(new URL(url))
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  close(): void {
    // Not waited for: a connection that it refuses may still be closing.
    this.#server.close()
    this.cutAll('CLOSE')
  }

  /** The database of a URL, through this proxy. */
  through(url: string): string {
    const changed = new URL(url)
    changed.hostname = '127.0.0.1'
    changed.port = String((this.#server.address() as AddressInfo).port)
    return changed.href
  }

  /** Cuts the next connection that sends this, once. */
  cutAt(cut: Cut): void {
    this.#cut = cut
  }

  /** Cuts whatever is connected, now. */
  cutAll(ending: Ending): void {
    for (const pair of this.#pairs) end(pair, ending)
  }

  /** Until it is told otherwise, new connections are reset, or told a FATAL error with this SQLSTATE. */
  refuse(refuses: boolean | string): void {
    this.#refuses = refuses
  }

  #end(pair: Pair, { ending, all }: Cut) {
    if (all) this.cutAll(ending)
    else end(pair, ending)
  }

  #join(client: Socket) {
    if (this.#refuses === true) return void client.resetAndDestroy()
    if (this.#refuses) return void client.end(fatal(this.#refuses)).on('error', () => {})
    const port = Number(this.#target.port || 5432)
    const database = createConnection({ host: this.#target.hostname, port, noDelay: true })
    const pair = { client, database }
    this.#pairs.add(pair)
    client.setNoDelay(true)
    /** Set once the statement was seen: then the answer to it is what cuts. */
    let due: Cut | null = null
    client.on('data', (chunk) => {
      const cut = this.#cut
      if (!cut || !chunk.includes(cut.text)) return void database.write(chunk)
      this.#cut = null
      this.cuts += 1
      if (cut.when === 'BEFORE') return this.#end(pair, cut)
      due = cut
      database.write(chunk)
    })
    database.on('data', (chunk) => (due ? this.#end(pair, due) : void client.write(chunk)))
    for (const socket of [client, database]) {
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#pairs.delete(pair)
        end(pair, 'CLOSE')
      })
    }
  }
}

function end({ client, database }: Pair, ending: Ending) {
  database.destroy()
  if (ending === 'RESET') client.resetAndDestroy()
  else client.destroy()
}

/** An ErrorResponse of PostgreSQL's protocol, as it answers who connects while it can't serve. */
function fatal(sqlState: string): Buffer {
  const fields = ['SFATAL', 'VFATAL', `C${sqlState}`, 'Mnot now'].map((field) => `${field}\0`).join('')
  const body = Buffer.from(`${fields}\0`)
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from('E'), length, body])
}
