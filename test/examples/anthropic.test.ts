import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { isStory } from '../support/story.ts'
import { examplesOf, notRun } from './newcomer.ts'

isStory()

// Anthropic's messages. What Parley does not carry: the tokens that were read from a cache or written to it (metadata, as
// with OpenAI), and which blocks made up one message: each is an entry, and the message's id is that of its text. What
// was thought before a text, without a call, has no place.
const server = await startTestServer()
server.clock.now = new Date('2026-03-02T09:30:00Z')

const example = examplesOf('anthropic', (await server.newTenant()).ask)

// 50 tokens at 3, 1000 written to the cache at 3.75, 2000 read from it at 0.30 and 100 of the answer at 15 dollars a
// million: (150 + 3750 + 600 + 1500) / 1,000,000 = 0.006. With the second answer, 0.0072 and 100 + 20 tokens.
test('a conversation with two tool calls is logged, of which one failed', () => example('log-conversation'))

test('a conversation is found by the id of a tool call', () => example('find-by-tool-call'))

// 1 of 2 calls failed; (100 + 300) / 2 = 200 ms.
test('cost, tokens and tools are counted by model', () => example('usage'))

test('every example is run', () => expect(notRun('anthropic')).toEqual([]))
