const DAY_MS = 86_400_000

/** So that every counter and sum of a conversation changes now and then. */
const KINDS = [
  (i: number) => ({ chat: { role: 'USER', content: `I love this, thanks ${i}`, understood: i % 4 !== 0 } }),
  (i: number) => ({
    chat: {
      ...{ role: 'ASSISTANT', content: `It left our warehouse this morning, ${i}`, model: 'gpt-4o' },
      ...{ costUsd: 0.000_1 * (i % 7), latencyMs: 100.5 + i, rating: (i % 3) - 1 },
    },
  }),
  (i: number) => ({
    tool: { name: 'find_order', input: { i }, ...(i % 2 ? { error: 'timed out' } : { output: [i] }) },
  }),
  (i: number) => ({ chat: { role: 'USER', content: `This is terrible and slow ${i}`, sentiment: -0.123_456_789 } }),
  (i: number) => ({ event: { name: 'handover', visibility: i % 2 ? 'PUBLIC' : 'INTERNAL' } }),
  (i: number) => ({ chat: { role: 'HUMAN_AGENT', content: `Let me look, ${i}`, tokenCount: i % 50 } }),
  (i: number) => ({ chat: { role: 'SYSTEM', content: `You sell shoes, ${i}` } }),
]

type Fields = Record<string, unknown>

/** Some messages, each with the tag of its write and its place in it. */
export function messagesOf(tag: string, parts: number, seed: number): Fields[] {
  return Array.from({ length: parts }, (_, part) => {
    const i = seed + part
    const kind = KINDS[i % KINDS.length] as (i: number) => Fields
    const [[name, fields]] = Object.entries(kind(i)) as [[string, Fields]]
    return { [name]: { ...fields, metadata: { tag, part } } }
  })
}

/** When conversations began: some days back, so that there are roll-ups of many times; null: now. */
export const startOf = (seed: number) =>
  seed % 3 === 0 ? {} : { startedAt: new Date(Date.now() - (seed % 40) * DAY_MS * 0.37 - DAY_MS).toISOString() }
