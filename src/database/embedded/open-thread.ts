import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { startThread } from '../../start-thread.ts'
import type { EmbeddedPlace } from './options.ts'

/** How long the database may take to open. */
const OPEN_WITHIN_MS = 300_000

/** Starts a thread, and resolves when its database is open. `onStart` is called before, with what can be terminated. */
export async function openThread(place: EmbeddedPlace, onStart: (thread: Worker) => void): Promise<Worker> {
  const thread = startThread(new URL('./thread.ts', import.meta.url), {
    name: 'embedded database',
    workerData: place,
    env: {},
    // It should print nothing, and what it prints anyway is not part of the log.
    stdout: true,
    stderr: true,
  })
  thread.stdout.resume()
  thread.stderr.resume()
  onStart(thread)
  try {
    await hasOpened(thread)
    return thread
  } catch (error) {
    await thread.terminate()
    throw error
  }
}

/** Waits for `work`, but no longer than this. */
export async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  const settled = new AbortController()
  await Promise.race([work, sleep(limitMs, null, { signal: settled.signal })]).finally(() => settled.abort())
}

/** Resolves when the thread's database is open. */
async function hasOpened(thread: Worker): Promise<void> {
  const settled = new AbortController()
  const { signal } = settled
  const refuse = (message: string) => Promise.reject(new Error(message))
  try {
    await Promise.race([
      // Rejects with the error of a thread that fails.
      once(thread, 'message', { signal }),
      once(thread, 'exit', { signal }).then(([code]) => refuse(`It ended with exit code ${code}.`)),
      sleep(OPEN_WITHIN_MS, null, { signal, ref: false }).then(() =>
        refuse(`It took longer than ${OPEN_WITHIN_MS} ms.`),
      ),
    ])
  } finally {
    settled.abort()
  }
}
