import { ParleyRequestError } from '../client/errors.ts'
import { request, type TypedDocument } from '../client/request.ts'

const TIMEOUT_MS = 30_000

export interface AskOptions {
  /** For an account key: the tenant of the request. */
  tenantId?: string | null | undefined
  signal?: AbortSignal | undefined
}

export interface ApiOptions {
  /** The GraphQL endpoint. */
  url: string
  key: string
  /** Called when the server no longer accepts the key. */
  onRefused(error: ParleyRequestError): void
}

/** Calls Parley's public API with the key of whoever is signed in. Only this object holds the key. */
export class Api {
  readonly url: string
  #key: string
  readonly #onRefused: ApiOptions['onRefused']
  readonly #ended = new AbortController()
  /** How much the server's clock is ahead of the browser's. */
  #clockOffsetMs = 0

  constructor({ url, key, onRefused }: ApiOptions) {
    this.url = url
    this.#key = key
    this.#onRefused = onRefused
  }

  /** Runs an operation once. Throws a `ParleyRequestError` if any part of it is refused, or if no response arrives. */
  async ask<Data>(
    document: TypedDocument<Data, never> | string,
    variables: object = {},
    { tenantId, signal }: AskOptions = {},
  ): Promise<Data> {
    const { signal: ended } = this.#ended
    const either = signal ? AbortSignal.any([signal, ended]) : ended
    for (;;) {
      const key = this.#key
      const headers = { authorization: `Bearer ${key}`, ...(tenantId ? { 'x-tenant-id': tenantId } : {}) }
      const endpoint = { url: this.url, headers, timeoutMs: TIMEOUT_MS, fetch: this.#fetch }
      try {
        return await request<Data>(endpoint, String(document), variables, either)
      } catch (error) {
        if (!(error instanceof ParleyRequestError) || error.code !== 'UNAUTHENTICATED') throw error
        // The key was regenerated while this request was in flight.
        if (key !== this.#key) continue
        this.#onRefused(error)
        throw error
      }
    }
  }

  /** Uses this secret from now on, because the key was regenerated. */
  replaceKey(secret: string): void {
    this.#key = secret
  }

  /** Whether the secret that requests carry is the one with this hint, which shows its last four characters. */
  hasSecret(hint: string): boolean {
    return this.#key.slice(-4) === hint.slice(-4)
  }

  /** The time by the server's clock, in milliseconds. */
  now(): number {
    return Date.now() + this.#clockOffsetMs
  }

  /** Forgets the key and aborts the requests in flight. */
  end(): void {
    this.#key = ''
    this.#ended.abort()
  }

  readonly #fetch: typeof fetch = async (input, init) => {
    const response = await fetch(input, { ...init, credentials: 'omit', cache: 'no-store' })
    const serverMs = Date.parse(response.headers.get('date') ?? '')
    if (Number.isFinite(serverMs)) this.#clockOffsetMs = serverMs - Date.now()
    return response
  }
}
