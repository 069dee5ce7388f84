import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { isStory } from '../support/story.ts'
import { examplesOf, notRun } from './newcomer.ts'

isStory()

// Iqra AI shows calls with their turns, traces, recordings and what an analysis found in them. Of these, Parley does not
// carry the type, name and times of each participant (`participantId` is all), a second recording, and levels of tags: a
// tag's path is its name, so a parent is a tag of its own. A cost per minute is metadata.
const server = await startTestServer()
// The calls are logged while they last, so they are live.
server.clock.now = new Date('2026-03-02T09:31:00Z')

const tenant = await server.newTenant()
const example = examplesOf('iqra-ai', tenant.ask)

test('a call is queued, rings and is answered, and never goes back', async () => {
  await example('queue-call')
  await example('move-call')
  await example('move-call', { variant: 'answered' })
  await example('move-call', { variant: 'backwards' })
})

// Nine entries: four turns and five traces. The first token came 420 ms after the request, and speech 130 ms later. The
// answer began 750 ms after the end of the question (10.750 - 10.000 s).
test('turns come with the traces of each step, which end users do not see', async () => {
  await example('append-turns')
  await example('get-call')
  const reader = await server.newKey({ tenantId: tenant.id, scopes: ['CONVERSATIONS_READ'] })
  await example('get-call', { variant: 'without-traces', ask: server.as({ key: reader.secret }) })
})

// From 09:30:00, when it was queued, to 09:30:20. The recording lasts from the answer at 09:30:05: 15 seconds.
test('a call ends with a reason, a recording and its cost, and waits for its analysis', async () => {
  await example('complete-call')
  await example('describe-call')
  await example('list-calls', { variant: 'to-analyse' })
})

test('what the analysis found is submitted later', async () => {
  await example('describe-call', { variant: 'analysed' })
  await example('list-calls', { variant: 'nothing-to-analyse' })
  await example('list-calls', { variant: 'interested' })
})

// spring-renewals: on 1 March one missed call of 30 s; on 2 March one declined call of 10 s and the one above of 20 s,
// which was completed and has a cost: 60 s in all, 1 of 3 completed. win-back: one call of 60 s that cost 0.08.
test('campaigns are compared by their calls, talk time, cost and success', async () => {
  await example('log-calls')
  await example('campaigns')
  await example('list-calls', { variant: 'not-reached' })
  await example('facets')
})

// Two of the four calls were interrupted. Their answers took 450 ms and 750 ms: 600 on average. All other traces are of
// the second call, whose one answer counts once; two calls have no traces. (Of how often a call was interrupted, there
// is no measure: a group by event counts calls, not events.)
test('answers are slower or faster where callers interrupt', () =>
  example('campaigns', { variant: 'latency-by-trace' }))

test('every example is run', () => expect(notRun('iqra-ai')).toEqual([]))
