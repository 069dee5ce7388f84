import { setTimeout } from 'node:timers/promises'
import { Connection, refuseFailure } from '../connection.ts'
import { toBytes } from '../measure.ts'
import type { Parley } from '../systems/parley.ts'
import { clock, type Write } from './readers.ts'

const LOG_MANY = `mutation ($inputs: [LogConversationInput!]!) {
  logConversations(input: { conversations: $inputs }) { results { conversation { id messageCount } } }
}`
const LOG =
  'mutation ($input: LogConversationInput!) { written: logConversation(input: $input) { conversation { id messageCount } } }'
const APPEND =
  'mutation ($input: AppendMessagesInput!) { written: appendMessages(input: $input) { conversation { id messageCount } } }'

const CONVERSATIONS_PER_CALL = 250
const IMPORT_CONNECTIONS = 2

/** Small writes leave in groups, this often. */
const TICK_MS = 25
const CONNECTIONS = 16

type Written = { conversation: { id: string; messageCount: number } }

const chat = (role: 'USER' | 'ASSISTANT', content: string) => ({ chat: { role, content } })
const opening = chat('USER', 'Hello, where is my order?')
const answer = chat('ASSISTANT', 'It left our warehouse this morning and should be with you tomorrow.')

/** Writes conversations of two messages, hundreds in each call, one call after the other on each connection. */
export async function importFor(milliseconds: number, parley: Parley, tenantId: string): Promise<Write[]> {
  const inputs = Array.from({ length: CONVERSATIONS_PER_CALL }, () => ({ messages: [opening, answer] }))
  const request = toBytes(parley.origin, parley.question(tenantId, LOG_MANY, { inputs }))
  const untilMs = clock() + milliseconds
  const connections = await Promise.all(
    Array.from({ length: IMPORT_CONNECTIONS }, async () => {
      const writes: Write[] = []
      const connection = await Connection.open(parley.origin)
      while (clock() < untilMs) {
        const { results } = dataOf(await connection.send(request)).logConversations as { results: Written[] }
        const acknowledgedMs = clock()
        writes.push(...results.map((one) => toWrite(one, acknowledgedMs)))
      }
      connection.close()
      return writes
    }),
  )
  return connections.flat()
}

/** Small writes at this rate, whatever each takes: every second one begins a conversation, the others append to one. */
export async function writeFor(
  milliseconds: number,
  parley: Parley,
  { tenantId, perSecond }: { tenantId: string; perSecond: number },
): Promise<Write[]> {
  const idle = await Promise.all(Array.from({ length: CONNECTIONS }, () => Connection.open(parley.origin)))
  const open: string[] = []
  const writes: Promise<Write>[] = []
  const beginMs = clock()
  const write = async () => {
    // In turn: one that is never used is closed by the server. If all are busy, it has fallen behind, and the rate stays.
    const connection = idle.shift() ?? (await Connection.open(parley.origin))
    const conversationId = writes.length % 2 === 0 ? undefined : open.shift()
    const question = conversationId
      ? parley.question(tenantId, APPEND, { input: { by: { id: conversationId }, messages: [answer] } })
      : parley.question(tenantId, LOG, { input: { status: 'ACTIVE', messages: [opening] } })
    const written = dataOf(await connection.send(toBytes(parley.origin, question))).written as Written
    const acknowledgedMs = clock()
    idle.push(connection)
    if (!conversationId) open.push(written.conversation.id)
    return toWrite(written, acknowledgedMs)
  }
  for (let passedMs = 0; passedMs < milliseconds; passedMs = clock() - beginMs) {
    while (writes.length < (passedMs * perSecond) / 1_000) writes.push(write())
    await setTimeout(TICK_MS)
  }
  const all = await Promise.all(writes)
  for (const connection of idle) connection.close()
  return all
}

const toWrite = ({ conversation: { id, messageCount } }: Written, acknowledgedMs: number): Write => ({
  conversationId: id,
  messageCount,
  acknowledgedMs,
})

/** What an answer holds below `data`. */
export function dataOf(answer: Buffer): Record<string, unknown> {
  refuseFailure(answer)
  const text = answer.toString()
  return JSON.parse(text.slice(text.indexOf('{"data"'), text.lastIndexOf('}') + 1)).data
}
