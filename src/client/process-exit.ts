interface ProcessEvents {
  on(event: 'beforeExit', listener: () => void): void
}

/** Is told whether it is the last time, and nothing more may be sent. */
type BeforeExit = (isLast: boolean) => void

/** Sending keeps a process alive, and so it is about to end again afterwards: for ever, if its host logs each time. */
const MAX_ENDS = 5
/** After this long, it was not kept alive by what it logged. */
const FORGET_ENDS_MS = 30_000

const callbacks = new Set<BeforeExit>()
let isListening = false
let ends = 0
let lastEndMs = 0

/** Calls back before the process ends by itself, in runtimes that have one, such as Node. */
export function callBeforeExit(callback: BeforeExit): void {
  if (callbacks.has(callback)) return
  callbacks.add(callback)
  const { process } = globalThis as { process?: Partial<ProcessEvents> }
  if (typeof process?.on !== 'function') return
  // The process may be about to end just now, and have called back already: it does once more after the timer.
  if (ends <= MAX_ENDS || performance.now() - lastEndMs > FORGET_ENDS_MS) setTimeout(() => {}, 0)
  else queueMicrotask(() => callback(true))
  if (isListening) return
  // One for all clients: Node warns of more than ten.
  isListening = true
  process.on('beforeExit', () => {
    const nowMs = performance.now()
    ends = nowMs - lastEndMs > FORGET_ENDS_MS ? 1 : ends + 1
    lastEndMs = nowMs
    for (const call of [...callbacks]) call(ends > MAX_ENDS)
  })
}

export function forgetBeforeExit(callback: BeforeExit): void {
  callbacks.delete(callback)
}
