/** Events which show that somebody is there. */
const ACTIVITY = ['pointerdown', 'pointermove', 'wheel', 'keydown', 'touchstart'] as const

const CHECK_MS = 1_000

export interface IdleOptions {
  idleMs: number
  /** How long before the end the warning appears. */
  warningMs: number
  /** Called with the seconds left, each second of the warning; with null once there is activity again. */
  onWarning(secondsLeft: number | null): void
  onIdle(): void
}

/**
 * Calls `onIdle` after a time without activity, by the wall clock: timers stop while a computer sleeps. Returns a
 * function that stops watching.
 */
export function watchIdle({ idleMs, warningMs, onWarning, onIdle }: IdleOptions): () => void {
  let last = clocks()
  let isWarning = false
  const ended = new AbortController()
  const warn = (secondsLeft: number | null) => {
    if (secondsLeft === null && !isWarning) return
    isWarning = secondsLeft !== null
    onWarning(secondsLeft)
  }
  const check = () => {
    const now = clocks()
    // One stands still while a computer sleeps; the other can be set back.
    const leftMs = idleMs - Math.max(now.wallMs - last.wallMs, now.runningMs - last.runningMs)
    if (leftMs <= 0) {
      stop()
      onIdle()
    } else if (leftMs <= warningMs) {
      warn(Math.ceil(leftMs / 1_000))
    }
  }
  const onActivity = ({ type }: Event) => {
    // The warning must not vanish from under a pointer that is on its way to it.
    if (isWarning && type === 'pointermove') return
    // This may be the first event after hours of sleep.
    check()
    if (ended.signal.aborted) return
    last = clocks()
    warn(null)
  }
  const timer = setInterval(check, CHECK_MS)
  const stop = () => {
    clearInterval(timer)
    ended.abort()
  }
  const options = { signal: ended.signal, capture: true, passive: true }
  for (const name of ACTIVITY) addEventListener(name, onActivity, options)
  document.addEventListener('visibilitychange', check, options)
  return stop
}

const clocks = () => ({ wallMs: Date.now(), runningMs: performance.now() })
