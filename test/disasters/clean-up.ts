/** What ends with this process, whatever ends it: Ctrl-C and a failure too. */
const cleanUps: (() => unknown)[] = []
let over = false

/** Runs it at the end, newest first. */
export function cleanUpLater(cleanUp: () => unknown): void {
  refuseIfOver()
  cleanUps.push(cleanUp)
}

/** What is started after the cleaning up would stay. */
export function refuseIfOver(): void {
  if (over) throw new Error('this run is over')
}

/** Runs some work, and cleans up after it whatever it registered. */
export async function cleaningUp<Result>(work: () => Promise<Result>): Promise<Result> {
  const before = cleanUps.length
  try {
    return await work()
  } finally {
    if (!over) await cleanUpFrom(before)
  }
}

async function cleanUpFrom(start: number): Promise<void> {
  for (const cleanUp of cleanUps.splice(start).reverse()) {
    try {
      await cleanUp()
    } catch (error) {
      console.error('Cleaning up failed:', error)
      process.exitCode = 1
    }
  }
}

/** A signal ends the run: what was started ends first. */
export function cleanUpOnSignals(): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.once(signal, async () => {
      over = true
      await cleanUpFrom(0)
      process.exit(code)
    })
  }
}
