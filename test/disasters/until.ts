import { setTimeout } from 'node:timers/promises'

/** Asks again and again until the answer is one, and returns it; throws after so long. */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | null | undefined | false> | Answer | null | undefined | false,
  { withinMs = 30_000, everyMs = 25 } = {},
): Promise<Answer> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== null && answer !== undefined && answer !== false) return answer
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs / 1_000} s`)
    await setTimeout(everyMs)
  }
}
