import type { Logger } from 'pino'
import { mayBeOrigin } from './allowed-origins.ts'

/** Made-up origins must fill neither the memory nor the log. */
const MAX_LOGGED = 1_000

/** What browsers send for a page that has none. */
const NO_ORIGIN = 'null'

/** Logs each origin that was refused, once: otherwise only the browser's console says why a page gets no answer. */
export class RefusedOrigins {
  readonly #log: Logger
  readonly #logged = new Set<string>()

  constructor(log: Logger) {
    this.#log = log
  }

  note(request: Request, origin: string, fields: { requestId?: string | undefined; tenantId?: string | null }): void {
    if (this.#logged.size >= MAX_LOGGED || this.#logged.has(origin)) return
    const isNone = origin === NO_ORIGIN
    if (!isNone && (!mayBeOrigin(origin) || isSameOrigin(request, origin))) return
    this.#logged.add(origin)
    const { requestId, tenantId } = fields
    this.#log.warn(
      { requestId, origin, ...(tenantId ? { tenantId } : {}) },
      isNone
        ? 'pages without an origin (a local file, a sandboxed frame) may not read answers: serve the page from a web server'
        : 'pages of this origin may not read answers: to allow them, add it to CORS_ORIGINS or to allowedOrigins of the tenant',
    )
  }
}

/** Browsers send the origin of our own pages too, and let these read answers without permission. */
function isSameOrigin({ url, headers }: Request, origin: string): boolean {
  // A proxy that ends TLS changes the scheme, and one that sets Host changes the host as well.
  return headers.get('sec-fetch-site') === 'same-origin' || new URL(url).host === new URL(origin).host
}
