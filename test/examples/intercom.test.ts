import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { isStory } from '../support/story.ts'
import { examplesOf, notRun } from './newcomer.ts'

isStory()

// Intercom's conversations consist of parts: comments, notes, assignments, closing and reopening. What Parley does not
// carry: a rating of the whole conversation from 1 to 5 and the number of times it was reopened (both are metadata here,
// which can be filtered and grouped, but has no mean), being snoozed (it stays open), and HTML bodies (sent as text).
const server = await startTestServer()
server.clock.now = new Date('2026-03-02T09:30:00Z')

const example = examplesOf('intercom', (await server.newTenant()).ask)

test('a ticket is logged with its subject, authors, attachments, notes and assignments', () => example('log-ticket'))

// Closed 15 minutes (900 s) after it began at 08:00.
test('a ticket is closed, and goes on when the customer writes again', async () => {
  await example('close-ticket')
  await example('reopen-ticket')
})

// The last known part comes again. The ticket now ends with its last message, a day (86,400 s) after it began.
test('later parts are appended, and close it again', async () => {
  await example('append-parts')
  await example('rate-ticket')
})

// Two conversations: a person handled one and the bot the other, so each rate is 1 of 2; both were resolved or informed.
// 2 + 1 user messages in 2 conversations. Both replies of people were to Globex, and count on the day its ticket began.
test('what bots and people did is counted, by company and rating', async () => {
  await example('log-answered')
  await example('report')
})

test('every example is run', () => expect(notRun('intercom')).toEqual([]))
