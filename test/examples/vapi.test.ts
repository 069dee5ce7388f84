import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { isStory } from '../support/story.ts'
import { examplesOf, notRun } from './newcomer.ts'

isStory()

// Vapi sends messages to a server URL while a call lasts, and an end-of-call-report with all of it. What Parley does not
// carry of a report: the parts of the cost (kept as metadata) and a second, stereo recording. `successEvaluation` is text
// of any rubric, so it stays in the extracted data.
const server = await startTestServer()
server.clock.now = new Date('2026-03-02T09:30:30Z')

const example = examplesOf('vapi', (await server.newTenant()).ask)

test('turns are appended while the call lasts', async () => {
  await example('log-call')
  await example('append-turns')
})

// The report has six entries: four were logged live, two are new. Vapi may send it twice: then all six are known.
test('the report at the end adds only what is new, and nothing when it comes again', async () => {
  await example('append-turns', { variant: 'end-of-call-report' })
  await example('append-turns', { variant: 'report-again', variablesOf: 'end-of-call-report' })
})

// The entries cost 0.002 + 0.0005 + 0.003 = 0.0055. Vapi charged 0.0067 + 0.004 + 0.005 + 0.0085 + 0.01 = 0.0342.
test('a call has a reason for its end, and the cost that was charged', async () => {
  await example('describe-call', { variant: 'nothing-given' })
  await example('describe-call')
})

// customer-ended-call: 0.0658 on 1 March and 0.0342 on 2 March, 0.05 on average; 40 s and 20 s, 30 s on average. A call
// that was not answered has neither. 2 of 4 were completed, 1 of 4 abandoned; 2 + 1 + 0 + 0 user messages in 4 calls.
test('calls are compared by why they ended', async () => {
  await example('log-reports')
  await example('end-reasons')
})

test('every example is run', () => expect(notRun('vapi')).toEqual([]))
