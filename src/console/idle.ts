/** What somebody does at a page, who is there. */
const ACTIVITY = ['pointerdown', 'pointermove', 'wheel', 'keydown', 'touchstart'] as const

const CHECK_MS = 1_000

export interface IdleOptions {
  idleMs: number
  /** How long before the end the warning comes. */
  warningMs: number
  /** Called every second of the last ones with how many are left; with null once somebody is there again. */
  onWarning(secondsLeft: number | null): void
  onIdle(): void
}

/**
 * Calls `onIdle` once nobody has done anything for a while. By the clock on the wall, not by a timer: while a computer
 * sleeps, timers stop. Returns a function that ends it.
 */
export function watchIdle({ idleMs, warningMs, onWarning, onIdle }: IdleOptions): () => void {
  let lastMs = Date.now()
  let isWarning = false
  const ended = new AbortController()
  const warn = (secondsLeft: number | null) => {
    if (secondsLeft === null && !isWarning) return
    isWarning = secondsLeft !== null
    onWarning(secondsLeft)
  }
  const check = () => {
    const leftMs = lastMs + idleMs - Date.now()
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
    // It may be what wakes the page up after hours.
    check()
    if (ended.signal.aborted) return
    lastMs = Date.now()
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
