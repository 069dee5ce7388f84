import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { isStory } from '../support/story.ts'
import { examplesOf, notRun } from './newcomer.ts'

isStory()

// Retell's webhooks: call_started, transcript_updated, call_ended and call_analyzed. A tool's invocation and its result
// are two utterances there and one tool call here, logged when the result is known: what is logged is not overwritten.
// What Parley does not carry: the sentiment of a call as a word (`user_sentiment`; here it is the mean of its messages),
// the times of single words, and the version of an agent, which is metadata.
const server = await startTestServer()
server.clock.now = new Date('2026-03-02T09:00:31Z')

const example = examplesOf('retell', (await server.newTenant()).ask)

test('a call starts with an agent, and its utterances follow', async () => {
  await example('upsert-agent')
  await example('call-started')
  await example('append-utterances')
})

// The transcript at the end has five utterances and two tool calls; the first two utterances are known.
test('the transcript at the end adds what is new, once', async () => {
  await example('append-utterances', { variant: 'call-ended' })
  await example('append-utterances', { variant: 'too-late' })
})

// `combined_cost` is in cents: 70.5 cents are 0.705 dollars.
test('a call has a disconnection reason, a cost, and an analysis when it is ready', async () => {
  await example('describe-call')
  await example('describe-call', { variant: 'analyzed' })
})

// 0.105 + 0.705 = 0.81 dollars. Answers took 500 ms on 1 March, and 812 and 1004 ms on 2 March: (812 + 1004) / 2 = 908, in
// all (500 + 812 + 1004) / 3 = 772, and the middle one is 812. One of two bookings failed; (2000 + 400) / 2 = 1200 ms.
test('calls of an agent are measured under the name it has now', async () => {
  await example('log-short-call')
  await example('upsert-agent', { variant: 'renamed' })
  await example('analytics')
})

test('every example is run', () => expect(notRun('retell')).toEqual([]))
