import { generateKeyPairSync } from 'node:crypto'
import { mark } from './plant.ts'

/**
 * What a planted tenant writes. A column that none of these fills fails a test in planted.test.ts:
 * give it a canary here.
 */

type Marked = { marker: string }

export const agentInput = (a: Marked) => ({
  name: mark(a, 'agent-name'),
  externalId: mark(a, 'agent'),
  description: mark(a, 'agent-description'),
  systemPrompt: mark(a, 'system-prompt'),
  model: mark(a, 'agent-model'),
  tags: [mark(a, 'agent-tag')],
  idempotencyKey: mark(a, 'agent-key'),
})

/** An external id that attacker and victim both use. */
export const SHARED_EXTERNAL_ID = 'order-1'

/** Of the same agent as the open one: what a lock to that must not count. */
export const sharedInput = (a: Marked, day: string) => ({
  externalId: SHARED_EXTERNAL_ID,
  startedAt: `${day}T10:00:00.000Z`,
  endUserId: mark(a, 'shared-end-user'),
  agents: [{ externalId: mark(a, 'open-agent') }],
  description: mark(a, 'shared-description'),
  metadata: { [mark(a, 'shared-key')]: 'shared' },
  messages: [{ chat: { role: 'USER', content: mark(a, 'shared-content'), timestamp: `${day}T10:00:00.000Z` } }],
})

export const openInput = (a: Marked, day: string) => ({
  externalId: mark(a, 'open'),
  status: 'ACTIVE',
  startedAt: `${day}T10:00:00.000Z`,
  endUserId: mark(a, 'open-end-user'),
  agents: [{ externalId: mark(a, 'open-agent') }],
  description: mark(a, 'open-description'),
  metadata: { customer: mark(a, 'open-customer') },
  messages: [{ chat: { role: 'USER', content: mark(a, 'open-content'), timestamp: `${day}T10:00:00.000Z` } }],
  idempotencyKey: mark(a, 'open-key'),
})

export const closedInput = (a: Marked, day: string, agentId: string) => ({
  externalId: mark(a, 'closed'),
  startedAt: `${day}T10:00:00.000Z`,
  endedAt: `${day}T10:20:34.500Z`,
  channel: 'VOICE',
  direction: 'OUTBOUND',
  campaign: mark(a, 'campaign'),
  endUserId: mark(a, 'end-user'),
  companyName: mark(a, 'company'),
  language: mark(a, 'language'),
  model: mark(a, 'model'),
  labels: [mark(a, 'label')],
  title: mark(a, 'title'),
  description: mark(a, 'description'),
  feedback: mark(a, 'feedback'),
  endReason: mark(a, 'end-reason'),
  outcome: 'CUSTOM_ESCALATION',
  resolution: 'ESCALATED',
  isTest: true,
  isLlmConversation: true,
  metadata: {
    [mark(a, 'key')]: mark(a, 'value'),
    number: 730_245,
    nested: { list: [mark(a, 'element')] },
  },
  recording: {
    url: `https://recordings.example/${mark(a, 'recording')}`,
    contentType: mark(a, 'content-type'),
    durationMs: 1_234_500,
  },
  analysis: {
    summary: mark(a, 'summary'),
    tags: [mark(a, 'analysis-tag')],
    extractedData: { [mark(a, 'extracted-key')]: mark(a, 'extracted-value') },
  },
  agents: [{ id: agentId }],
  messages: messageInputs(a, day),
  idempotencyKey: mark(a, 'closed-key'),
})

const messageInputs = (a: Marked, day: string) => [
  { chat: { role: 'SYSTEM', content: mark(a, 'system-content'), timestamp: `${day}T10:00:00.000Z` } },
  { chat: chatInput(a, day) },
  {
    tool: {
      externalId: mark(a, 'call'),
      name: mark(a, 'tool'),
      input: { [mark(a, 'tool-input-key')]: mark(a, 'tool-input') },
      output: [mark(a, 'tool-output')],
      thought: mark(a, 'thought'),
      error: mark(a, 'error'),
      durationMs: 739.5,
      costUsd: 0.739,
      timestamp: `${day}T10:02:00.000Z`,
      agent: { externalId: mark(a, 'second-agent') },
      metadata: { [mark(a, 'tool-key')]: mark(a, 'tool-value') },
    },
  },
  {
    event: {
      name: mark(a, 'event'),
      visibility: 'PUBLIC',
      payload: { [mark(a, 'payload-key')]: mark(a, 'payload') },
      timestamp: `${day}T10:03:00.000Z`,
      agent: { externalId: mark(a, 'third-agent') },
      metadata: { [mark(a, 'event-key')]: mark(a, 'event-value') },
    },
  },
  { event: { name: mark(a, 'internal-event'), visibility: 'INTERNAL', timestamp: `${day}T10:04:00.000Z` } },
  { event: { name: 'STT_FINAL', visibility: 'INTERNAL', timestamp: `${day}T10:05:00.000Z` } },
  { event: { name: 'TTS_STREAM', visibility: 'INTERNAL', timestamp: `${day}T10:05:07.391Z` } },
]

const chatInput = (a: Marked, day: string) => ({
  externalId: mark(a, 'message'),
  role: 'USER',
  authorName: mark(a, 'author'),
  content: mark(a, 'content'),
  attachments: [
    { url: `https://files.example/${mark(a, 'attachment')}`, name: mark(a, 'file'), mediaType: mark(a, 'media-type') },
  ],
  timestamp: `${day}T10:01:00.000Z`,
  endedAt: `${day}T10:01:30.000Z`,
  agent: { externalId: mark(a, 'agent') },
  participantId: mark(a, 'participant'),
  metadata: { [mark(a, 'message-key')]: mark(a, 'message-value') },
  model: mark(a, 'message-model'),
  tokenCount: 7391,
  costUsd: 73.91,
  latencyMs: 7391.5,
  rating: -1,
  sentiment: -0.7391,
  language: mark(a, 'message-language'),
  translation: mark(a, 'translation'),
  understood: false,
  intent: { name: mark(a, 'intent'), externalId: mark(a, 'intent-id') },
  reply: { name: mark(a, 'reply'), externalId: mark(a, 'reply-id'), type: mark(a, 'reply-type') },
})

/** Of the account, as every issuer is: what it has of a tenant is its name. */
export const issuerInput = (tenantId: string) => ({
  issuer: `https://${tenantId}.example`,
  audience: tenantId,
  keys: [{ ...PUBLIC_KEY }],
})

const PUBLIC_KEY = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })

/** Documents to register: enough for a page before and after the one in the middle. */
export const documentsOf = (planted: { marker: string }) =>
  ['document', 'deleted-document', 'last-document'].map((name) => ({
    document: `# ${mark(planted, name)}\n{ viewer { name } }`,
    name: mark(planted, `${name}-name`),
  }))
