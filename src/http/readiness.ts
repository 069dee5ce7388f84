import type { Plugin } from 'graphql-yoga'

/** How long the result of a check is reused. */
const VALID_MS = 1_000

export interface ReadinessOptions {
  endpoint: string
  /** Rejects if the database can't serve requests. */
  check: () => Promise<void>
  isDraining: () => boolean
  /** Called with the error if the check fails. */
  onFailure: (error: unknown) => void
  now: () => Date
}

/** Answers whether requests should be sent here. Requests within a second, or while a check runs, share one check. */
export function useReadiness({ endpoint, check, isDraining, onFailure, now }: ReadinessOptions): Plugin {
  let latest: { ready: Promise<boolean>; endedAtMs: number | null } | null = null
  const isCurrent = (endedAtMs: number | null) => {
    if (endedAtMs === null) return true
    const ageMs = now().getTime() - endedAtMs
    return ageMs >= 0 && ageMs < VALID_MS
  }
  const isReady = () => {
    if (latest && isCurrent(latest.endedAtMs)) return latest.ready
    const ready = check().then(
      () => true,
      (error) => {
        onFailure(error)
        return false
      },
    )
    const checked: NonNullable<typeof latest> = { ready, endedAtMs: null }
    latest = checked
    return ready.finally(() => {
      checked.endedAtMs = now().getTime()
    })
  }
  return {
    async onRequest({ url, fetchAPI, endResponse }) {
      if (url.pathname !== endpoint) return
      const status = !isDraining() && (await isReady()) ? 200 : 503
      endResponse(new fetchAPI.Response(null, { status }))
    },
  }
}
