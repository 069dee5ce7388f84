import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a product's own back end gives its page. */
export type GiveToken = () => Promise<{ token: string; expiresInSeconds: number }>

export interface HostPage {
  body: string
  /** A module. */
  script?: string
  style?: string
  /** Content-Security-Policy. */
  policy?: string
}

/**
 * A product's web server on an origin of its own: pages, whose script and style are files, `POST /token/<name>` for their
 * tokens, and a proxy at /parley/ that passes everything below to Parley.
 */
export class HostServer {
  readonly origin: string
  /** Where /parley/ leads. */
  parley = ''
  readonly #files = new Map<string, [type: string, body: string, policy: string | undefined]>()
  readonly #tokens = new Map<string, GiveToken>()
  #pages = 0
  /** Answers of Parley's that the proxy passes on. */
  readonly #passing = new Set<ServerResponse>()
  #isCut = false

  constructor(origin: string) {
    this.origin = origin
  }

  /** Serves a page. Returns its address. */
  page({ body, script = '', style = '', policy }: HostPage): string {
    this.#pages += 1
    const path = `/${this.#pages}`
    const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A product</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="${path}/icon.svg">
<link rel="stylesheet" href="${path}/page.css">
<script type="module" src="${path}/page.js"></script></head><body><main>${body}</main></body></html>`
    this.#files.set(`${path}/`, ['text/html', html, policy])
    this.#files.set(`${path}/page.js`, ['text/javascript', script, undefined])
    this.#files.set(`${path}/page.css`, ['text/css', style, undefined])
    this.#files.set(`${path}/icon.svg`, ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>', undefined])
    return `${this.origin}${path}/`
  }

  /** Answers `POST /token/<name>`; with 500 if it rejects. */
  giveTokens(name: string, give: GiveToken): void {
    this.#tokens.set(name, give)
  }

  /** Cuts the way to Parley, also for what is under way, until `mend`. */
  cut(): void {
    this.#isCut = true
    for (const response of this.#passing) response.destroy()
  }

  mend(): void {
    this.#isCut = false
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? ''
    if (path.startsWith('/parley/')) return this.#forward(request, response, path.slice('/parley'.length))
    const give = request.method === 'POST' && this.#tokens.get(path.slice('/token/'.length))
    if (give) {
      const token = await give().catch(() => null)
      response.writeHead(token ? 200 : 500, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      response.end(JSON.stringify(token ?? { error: 'nobody is signed in' }))
      return
    }
    const [type, body, policy] = this.#files.get(path) ?? []
    const headers = { 'content-type': `${type ?? 'text/plain'}; charset=utf-8` }
    response.writeHead(type ? 200 : 404, policy ? { ...headers, 'content-security-policy': policy } : headers)
    response.end(body ?? 'Not found.')
  }

  /** As a proxy that rewrites the path, and passes on each chunk as it comes. */
  #forward(request: IncomingMessage, response: ServerResponse, path: string): void {
    if (this.#isCut) return void response.destroy()
    this.#passing.add(response)
    const { host: _, ...headers } = request.headers
    const options = { method: request.method ?? 'GET', headers }
    const sent = send(new URL(path, this.parley), options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    request.pipe(sent)
    sent.on('error', () => response.destroy())
    response.on('close', () => {
      this.#passing.delete(response)
      sent.destroy()
    })
  }
}

/** Listens on a free port until it is closed. */
export async function listen(): Promise<{ host: HostServer; close: () => void }> {
  let host: HostServer | null = null
  const http = createServer((request, response) => {
    host?.answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  host = new HostServer(`http://127.0.0.1:${(http.address() as AddressInfo).port}`)
  const close = () => {
    http.closeAllConnections()
    http.close()
  }
  return { host, close }
}
