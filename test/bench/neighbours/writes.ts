import { conversationToWrite } from '../systems/written.ts'
import type { Lane } from './attacker.ts'
import type { Attack, Attacker } from './attacks.ts'
import { queryBody, withCredential } from './credentials.ts'

const LOG_MANY = `mutation ($inputs: [LogConversationInput!]!) { logConversations(input: { conversations: $inputs }) { results { created error { code } } } }`
const PER_CALL = 500
const MESSAGES = 10

const SAID = [
  'Hello, where is my parcel? I ordered it two weeks ago and I am really disappointed.',
  'I am sorry to hear that. It left our warehouse this morning and should be with you tomorrow before noon.',
]

/** A body with as many conversations and messages as a call may have, each message this long. */
function importBody(characters: number, conversations = PER_CALL): string {
  const messages = Array.from({ length: MESSAGES }, (_, i) => {
    const text = SAID[i % SAID.length] ?? ''
    const content = text.repeat(Math.max(1, Math.floor(characters / text.length)))
    return { chat: { role: i % 2 ? 'ASSISTANT' : 'USER', content } }
  })
  const metadata = {
    plan: 'pro',
    shop: { country: 'DE' },
    ...Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`key${i}`, i])),
  }
  return queryBody(LOG_MANY, { inputs: Array.from({ length: conversations }, () => ({ messages, metadata })) })
}

/** `logConversations` at full speed. */
export function bulkImport({ parley, keys }: Attacker): Attack {
  const bodies = [importBody(100), importBody(1_700)]
  const requests = bodies.flatMap((body) => keys.map((key) => withCredential(parley, key, body)))
  const [small, large] = bodies.map((body) => (body.length / 2 ** 20).toFixed(1))
  return {
    name: 'import',
    what: [
      `32 connections, keys: logConversations with ${PER_CALL} × ${MESSAGES} messages, ${small} and ${large} MB in turn`,
    ],
    lanes: [{ does: 'ASK', requests, connections: 32, perSecond: 200 }],
  }
}

/** One conversation per request. */
export function singleWrites(attacker: Attacker): Attack {
  return {
    name: 'writers',
    what: ['64 connections, keys: logConversation with 6 messages'],
    lanes: [writers(attacker, 64)],
  }
}

function writers({ parley, tenantId, keys }: Attacker, connections: number): Lane {
  const question = parley.log?.(tenantId, conversationToWrite())
  if (!question) throw new Error('Parley writes')
  const requests = keys.map((key) => withCredential(parley, key, question.body))
  return { does: 'ASK', requests, connections, perSecond: 1_000 }
}

const SUBSCRIPTION = `subscription ($filter: ConversationFilter) {
  conversationsChanged(filter: $filter) {
    changes {
      kind
      conversation { id status metadata sentiment intents { name } messages(first: 20) { nodes { __typename id ... on ChatMessage { content sentiment } } } }
    }
  }
}`

/** As many streams as are allowed, half of which are not read, and writes that all of them are notified of. */
export function subscriptions(attacker: Attacker): Attack {
  const { parley, tokens, keys } = attacker
  // Each with a different filter, so that no two can share a read.
  const requests = [...tokens, ...keys].flatMap((credential) =>
    Array.from({ length: 12 }, (_, i) =>
      withCredential(
        parley,
        credential,
        queryBody(SUBSCRIPTION, { filter: { not: { campaigns: [`campaign ${i}`] } } }),
        {
          accept: 'text/event-stream',
        },
      ),
    ),
  )
  const streams = (does: 'STREAM' | 'HOLD'): Lane => ({ does, requests, connections: 60, perSecond: 100 })
  const bulk = keys.map((key) => withCredential(parley, key, importBody(100, 100)))
  return {
    name: 'subscriptions',
    what: [
      '60 connections that read, and 60 that do not: conversationsChanged with 20 messages of each, 12 filters',
      '16 that write: logConversation with 6 messages; 2: logConversations with 100 × 10',
    ],
    lanes: [
      streams('HOLD'),
      streams('STREAM'),
      writers(attacker, 16),
      { does: 'ASK', requests: bulk, connections: 2, perSecond: 10 },
    ],
  }
}
