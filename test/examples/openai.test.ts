import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { isStory } from '../support/story.ts'
import { examplesOf, notRun } from './newcomer.ts'

isStory()

// OpenAI's chat completions. A tool call and the message with its result are one entry. What Parley does not carry: the
// tokens of a prompt and those that were cached. They are metadata, `tokenCount` is the answer's, and a cost that takes
// the cache into account has to be given; a derived one does not. Images come as links, not as data.
const server = await startTestServer()
server.clock.now = new Date('2026-03-02T09:00:30Z')

const example = examplesOf('openai', (await server.newTenant()).ask)

// 176 prompt tokens at 2.50, 1024 cached ones at 1.25 and 50 of the answer at 10 dollars a million:
// (440 + 1280 + 500) / 1,000,000 = 0.00222.
test('a completion is logged with its ids, usage and cost', () => example('log-conversation'))

// Four of eight entries are known. 50 + 30 tokens; 0.00222 + 0.00178 = 0.004.
test('the whole history is sent with each turn, and adds what is new', async () => {
  await example('append-history')
  await example('attach-inline-image')
})

// The model was given for the answers, not for the conversation, so its group has none. 1 of 3 calls failed.
test('tokens, cost and tools are counted', () => example('usage'))

test('every example is run', () => expect(notRun('openai')).toEqual([]))
