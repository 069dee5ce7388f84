import { AsyncLocalStorage } from 'node:async_hooks'

/** What ends with this process, whatever ends it: Ctrl-C and a failure too. */
type CleanUp = () => unknown

/** Those of each piece of work that is under way; inner ones are later. */
const registered = new Set<CleanUp[]>()
const ofThisWork = new AsyncLocalStorage<CleanUp[]>()
let over = false

/** Runs it at the end of the work that `cleaningUp` runs, newest first. */
export function cleanUpLater(cleanUp: CleanUp): void {
  refuseIfOver()
  const cleanUps = ofThisWork.getStore()
  if (!cleanUps) throw new Error('nothing would clean this up')
  cleanUps.push(cleanUp)
}

/** What is started after the cleaning up would stay. */
export function refuseIfOver(): void {
  if (over) throw new Error('this run is over')
}

/** Runs some work, and cleans up after it whatever it registered. */
export async function cleaningUp<Result>(work: () => Promise<Result>): Promise<Result> {
  const cleanUps: CleanUp[] = []
  registered.add(cleanUps)
  try {
    return await ofThisWork.run(cleanUps, work)
  } finally {
    if (!over) {
      await runAll(cleanUps)
      registered.delete(cleanUps)
    }
  }
}

async function runAll(cleanUps: CleanUp[]): Promise<void> {
  for (const cleanUp of cleanUps.splice(0).reverse()) {
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
      for (const cleanUps of [...registered].reverse()) await runAll(cleanUps)
      process.exit(code)
    })
  }
}
