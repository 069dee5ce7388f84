interface ProcessEvents {
  on(event: 'beforeExit', listener: () => void): void
}

const callbacks = new Set<() => void>()
let isListening = false

/** Calls back before the process ends by itself, in runtimes that have one, such as Node. */
export function callBeforeExit(callback: () => void): void {
  callbacks.add(callback)
  if (isListening) return
  // One for all clients: Node warns of more than ten.
  isListening = true
  const { process } = globalThis as { process?: Partial<ProcessEvents> }
  if (typeof process?.on !== 'function') return
  process.on('beforeExit', () => {
    for (const call of [...callbacks]) call()
  })
}

export function forgetBeforeExit(callback: () => void): void {
  callbacks.delete(callback)
}
