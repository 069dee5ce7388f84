/** How long live data waits without a wake-up, in milliseconds. A lost wake-up costs at most this much time. */
export interface LiveTimes {
  /** Until the changes of a tenant are read. */
  pollMs: number
  /** Until a stream that was not woken is read. */
  maxAgeMs: number
  /** A credential is looked up before each delivery, and this often if nothing is delivered. */
  recheckMs: number
}

export const LIVE_TIMES: LiveTimes = { pollMs: 3_000, maxAgeMs: 10_000, recheckMs: 10_000 }
