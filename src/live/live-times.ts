/** How long live data waits without being woken. A wake-up that got lost costs this much time and no more. Milliseconds. */
export interface LiveTimes {
  /** Until the changes of a tenant are looked for. */
  pollMs: number
  /** Until a stream that was not woken is read. */
  maxAgeMs: number
  /** A credential is looked up before each delivery, and if nothing is delivered this often. */
  recheckMs: number
}

export const LIVE_TIMES: LiveTimes = { pollMs: 3_000, maxAgeMs: 10_000, recheckMs: 10_000 }
