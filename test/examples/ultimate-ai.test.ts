import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { isStory } from '../support/story.ts'
import { examplesOf, notRun } from './newcomer.ts'

isStory()

const server = await startTestServer()
// What is logged without a time of its own happened then.
server.clock.now = new Date('2026-03-02T09:30:00Z')

// Three messages by the bot, three by the visitor, one of them not understood; it ended two minutes after midnight.
test('the record of a conversation that ended on a day has all 24 properties', async () => {
  const example = examplesOf('ultimate-ai', (await server.newTenant()).ask)
  await example('create-agent')
  await example('log-conversation')
  await example('export-day')
  await example('export-day', { variant: 'day-before' })
})

test('every example is run', () => expect(notRun('ultimate-ai')).toEqual([]))
