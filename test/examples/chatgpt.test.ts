import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { isStory } from '../support/story.ts'
import { examplesOf, notRun } from './newcomer.ts'

isStory()

// ChatGPT's data export: conversations.json and message_feedback.json. A chat there has no end, so it stays ACTIVE and the
// next export can append to it. What Parley does not carry: branches (edited prompts and answers made again), files of the
// export (an attachment is a link), and the model of each message as a group: a conversation has one.
const server = await startTestServer()
server.clock.now = new Date('2026-03-02T09:30:00Z')

const example = examplesOf('chatgpt', (await server.newTenant()).ask)

test('an export is imported', () => example('import'))

// Two of the four messages are known. A title is not changed by an append.
test('the next export adds what is new', async () => {
  await example('import', { variant: 'next-export' })
  await example('rename')
})

// Thumbs up and down: (1 - 1) / 2 = 0. Both chats count in the year in which they began, with all of their messages.
test('feedback is kept, and chats are counted by model and year', async () => {
  await example('message-feedback')
  await example('by-model')
})

test('every example is run', () => expect(notRun('chatgpt')).toEqual([]))
