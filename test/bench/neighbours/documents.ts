import { STAMP } from '../systems/written.ts'
import type { Attack, Attacker } from './attacks.ts'
import { queryBody, withCredential } from './credentials.ts'
import { type Candidate, describe, heaviestOf } from './heaviest.ts'

/**
 * In every document, so that no two that are sent are the same, and nothing that was parsed, validated or compiled is
 * found again.
 */
const NAME = `bench_${STAMP}`

const CHAT =
  'id sequence timestamp role content model tokenCount costUsd latencyMs rating sentiment language understood enrichedFields'
const CONVERSATION = `id externalId status channel direction campaign isTest endUserId companyName language model labels description
  feedback metadata outcome resolution startedAt endedAt durationMs lastMessageAt createdAt updatedAt messageCount userMessageCount
  assistantMessageCount toolCallCount tokenCount costUsd sentiment sentimentLabel sentimentTrend intents { name sequence }
  firstIntent { name } lastIntent { name } firstMeaningfulIntent { name } agents { id name }`

const repeat = (count: number, of: (i: number) => string) => Array.from({ length: count }, (_, i) => of(i)).join(' ')

/** Braces within braces, which do not change what is selected. */
const nested = (depth: number, inside: string) => '... { '.repeat(depth) + inside + ' }'.repeat(depth)

const DOCUMENTS: Record<string, string> = {
  'every field of 100 conversations': `query ${NAME} { conversations(first: 100) { nodes { ${CONVERSATION} messages(first: 20) { nodes { __typename id ... on ChatMessage { ${CHAT} } } } } } }`,
  '98 aliases in 100 conversations': `query ${NAME} { conversations(first: 100) { nodes { ${repeat(98, (i) => `a${i}: metadata`)} } } }`,
  '30 aliased messages of 50 conversations': `query ${NAME} { conversations(first: 50) { nodes { ${repeat(30, (i) => `a${i}: messages(first: ${i + 1}) { nodes { id } }`)} } } }`,
  '50 conversations by themselves': `query ${NAME} { ${repeat(50, (i) => `a${i}: conversation(by: { externalId: "order-${i}" }) { id messages { nodes { id } } }`)} }`,
  '50 lists': `query ${NAME} { ${repeat(50, (i) => `a${i}: conversations(first: 20) { nodes { ${CONVERSATION} } }`)} }`,
  '48 lists of messages': `query ${NAME} { ${repeat(48, (i) => `a${i}: conversations(first: 20) { nodes { id messages(first: 20) { nodes { id sequence } } } }`)} }`,
  'fragments spread to 4,900 selections': `query ${NAME} { conversations(first: 1) { nodes { ${repeat(48, () => '...a')} } } }
    fragment a on Conversation { ${repeat(20, () => '...b')} } fragment b on Conversation { ${repeat(3, (i) => ['id', 'status', 'metadata'][i] ?? '')} }`,
  'overlapping fields': `query ${NAME} { conversations(first: 20) { nodes { ${repeat(44, () => 'id')} messages { nodes { id } } } } }`,
  'tokens nested in 400 braces': `query ${NAME} { conversations(first: 1) { nodes { ${nested(400, 'id')} } } }`,
  '900 unknown fields': `query ${NAME} { ${repeat(900, (i) => `conversation${i}`)} }`,
  'unknown fields in 48 fragments': `query ${NAME} { viewer { credentialId } } ${repeat(48, (i) => `fragment f${i} on Conversation { ${repeat(10, (j) => `metadat${j}`)} ...f${(i + 1) % 48} }`)}`,
  '45 directives': `query ${NAME}($t: Boolean! = true) { conversations(first: 100) { nodes { ${repeat(45, (i) => `a${i}: metadata @include(if: $t)`)} } } }`,
  '20 series of 1,000 points': `query ${NAME} { ${repeat(20, (i) => `a${i}: conversationSeries(measures: [CONVERSATIONS], interval: HOUR, range: { from: "2026-06-01T00:00:00Z", to: "2026-07-12T0${i % 10}:00:00Z" }) { lines { points { start value } } }`)} }`,
  '50 insights': `query ${NAME} { ${repeat(50, (i) => `a${i}: ${['retention { endUserCount }', 'metadataKeys(first: 100) { path }', 'endUsers(first: 100) { nodes { endUserId } }', 'conversationMetrics { current { conversationCount } }'][i % 4]}`)} }`,
}

const candidates = (): Candidate[] =>
  Object.entries(DOCUMENTS).map(([name, document]) => ({ name, body: queryBody(document) }))

/**
 * Of documents that are as large, deep, aliased and expensive as is allowed, those that take longest, each sent once.
 */
export async function heaviestDocuments({ parley, tokens, keys }: Attacker): Promise<Attack> {
  const heaviest = await heaviestOf(parley, tokens[0] ?? '', candidates())
  const credentials = [...tokens, ...keys]
  const requests = heaviest.flatMap(({ body }) =>
    credentials.map((credential) => withCredential(parley, credential, body)),
  )
  return {
    name: 'documents',
    what: ['64 connections, tokens and keys, each document under a name of its own, in turn:', ...describe(heaviest)],
    lanes: [{ does: 'ASK', requests, connections: 64, perSecond: 1_000 }],
  }
}
