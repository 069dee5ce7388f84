import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { isStory } from '../support/story.ts'
import { type Example, examplesOf, notRun } from './newcomer.ts'

isStory()

const server = await startTestServer()
// What is logged without a time of its own happened then.
server.clock.now = new Date('2026-03-02T09:30:00Z')

/** With the agent that every conversation there has. */
async function converra(): Promise<Example> {
  const example = examplesOf('converra', (await server.newTenant()).ask)
  await example('create-agent')
  return example
}

test('agents are listed', async () => {
  const example = await converra()
  await example('list-agents')
})

test('a text transcript is logged, with each pair of labels', async () => {
  const example = await converra()
  await example('log-transcript')
  await example('log-transcript', { variant: 'human-ai' })
  await example('log-transcript', { variant: 'customer-agent' })
  await example('log-transcript', { variant: 'no-label' })
})

test('messages are logged with metadata, feedback, company and JSON content, and once when sent again', async () => {
  const example = await converra()
  await example('log-conversation')
  await example('log-conversation', { variant: 'sent-again' })
  await example('log-conversation', { variant: 'unknown-agent' })
})

test('a conversation is started, grows and is closed by its last append', async () => {
  const example = await converra()
  await example('start-conversation')
  await example('append-messages')
  await example('append-messages', { variant: 'completed' })
  await example('append-messages', { variant: 'after-the-end' })
})

test('a conversation is completed exactly once', async () => {
  const example = await converra()
  await example('start-conversation')
  await example('complete-conversation')
  await example('complete-conversation', { variant: 'sent-again' })
  await example('complete-conversation', { variant: 'another-result' })
})

test('an agent’s conversations are counted by what became of them', async () => {
  const example = await converra()
  await example('start-conversation')
  await example('log-transcript')
  await example('log-conversation', { variant: 'second' })
  await example('insights')
})

// Three conversations of the agent: one is open, one was completed, one abandoned: 1 of 3 each. 1 + 2 + 1 user messages are
// 4 / 3 turns. Their sentiments are none, (0 + 0.75) / 2 = 0.375 and -0.5; the open one is not to be analysed yet.
// What Parley does not carry: the mean of a number that an analysis extracted, such as `taskCompletion`.
test('an analyser finds what has ended, and its results are part of the insights', async () => {
  const example = await converra()
  await example('log-scored')
  await example('log-scored', { variant: 'happy' })
  await example('log-scored', { variant: 'unhappy' })
  await example('list-unanalysed')
  await example('submit-analysis')
  await example('submit-analysis', { variant: 'of-the-abandoned-one' })
  await example('list-unanalysed', { variant: 'none-left' })
  await example('insights-of-30-days')
})

test('every example is run', () => expect(notRun('converra')).toEqual([]))
