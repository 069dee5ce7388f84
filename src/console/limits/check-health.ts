const TIMEOUT_MS = 8_000

/** What a health endpoint of the server says. */
export type Health =
  | { state: 'well' }
  /** The server says that it is not. */
  | { state: 'unwell'; status: number }
  /** Something else answered, such as a proxy. The status is 0 for a redirect. */
  | { state: 'unclear'; status: number }
  | { state: 'unreachable' }

/** Requests `health` or `ready`, which need no credential and get none. */
export async function checkHealth(url: URL, signal: AbortSignal): Promise<Health> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
  const options = { signal: either, credentials: 'omit', cache: 'no-store', redirect: 'manual' } as const
  const response = await fetch(url, options).catch(() => null)
  if (!response) return { state: 'unreachable' }
  const { status } = response
  // A proxy that does not forward these paths may answer them with a page.
  if (response.headers.get('content-type')?.includes('html')) return { state: 'unclear', status }
  if (status === 503) return { state: 'unwell', status }
  return response.ok ? { state: 'well' } : { state: 'unclear', status }
}
