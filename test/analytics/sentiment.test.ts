import { expect, test } from 'vitest'
import { log } from '../conversations/conversations.ts'
import { startTestServer } from '../support/server.ts'

/** The mood of the user in one conversation, and how it went. */

const server = await startTestServer()
const scored = (sentiment: number) => ({ chat: { role: 'USER', content: 'Hello', sentiment } })

const CASES: [sentiments: number[], mean: number | null, label: string | null, trend: string | null][] = [
  [[], null, null, null],
  [[0.25], 0.25, 'POSITIVE', null],
  [[0.5, -0.1, 0.3], 0.7 / 3, 'NEUTRAL', 'FLAT'],
  [[-1, 0.5], -0.25, 'NEGATIVE', 'UP'],
  // The one in the middle belongs to the first half.
  [[1, 0, 0.25], 1.25 / 3, 'POSITIVE', 'DOWN'],
]

test('the mood is the mean of the scored user messages, and a word; its trend the later half beside the earlier', async () => {
  const { ask } = await server.newTenant()
  for (const [i, [sentiments]] of CASES.entries()) {
    const answer = { chat: { role: 'ASSISTANT', content: 'Hi', sentiment: -1 } }
    await log(ask, { startedAt: `2026-01-0${i + 1}T00:00:00Z`, messages: [answer, ...sentiments.map(scored)] })
  }
  // With and without what is more than a row.
  for (const more of ['', 'sentimentTrend']) {
    const { data } = await ask(
      `{ conversations(orderBy: {direction: ASC}) { nodes { sentiment sentimentLabel ${more} } } }`,
    )
    expect(data.conversations.nodes).toEqual(
      CASES.map(([, mean, sentimentLabel, sentimentTrend]) => ({
        sentiment: mean === null ? null : expect.closeTo(mean, 9),
        ...{ sentimentLabel, ...(more ? { sentimentTrend } : {}) },
      })),
    )
  }
})
