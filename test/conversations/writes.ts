import { expect } from 'vitest'
import type { Answer, Ask, TestServer } from '../support/server.ts'

/** Everything there is to read of a message. */
export const MESSAGE = `
  __typename id externalId sequence timestamp metadata agent { externalId }
  ... on ChatMessage {
    role authorName content attachments { url name mediaType } model tokenCount costUsd latencyMs rating sentiment language translation understood
    intent { name meaningful externalId } reply { name externalId type } participantId endedAt
  }
  ... on ToolCall { name input output thought error failed durationMs costUsd }
  ... on ConversationEvent { name visibility payload }`

/** Everything there is to read of a conversation but its messages. */
export const CONVERSATION = `
  id externalId status channel direction campaign isTest endUserId companyName language model labels title description feedback isLlmConversation
  endReason   metadata outcome resolution startedAt endedAt durationMs lastMessageAt
  recording { url contentType durationMs } analysis { status summary tags extractedData }
  llmStats { notUnderstoodCount responseGeneratedCount errorOccurredCount escalationRequiredCount fallbackCount } agents { externalId }
  messageCount userMessageCount assistantMessageCount humanAgentMessageCount toolCallCount toolErrorCount
  notUnderstoodCount tokenCount costUsd`

/** What a conversation looks like of which nothing was said. */
export const BLANK = {
  id: expect.stringMatching(/^conv_[0-9a-z]{26}$/),
  externalId: null,
  ...{ channel: null, direction: null, campaign: null, isTest: false, endUserId: null, companyName: null },
  ...{
    language: null,
    model: null,
    labels: [],
    title: null,
    description: null,
    feedback: null,
    endReason: null,
    metadata: {},
  },
  ...{
    outcome: null,
    resolution: null,
    recording: null,
    analysis: null,
    isLlmConversation: null,
    llmStats: null,
    agents: [],
  },
  ...{ userMessageCount: 0, assistantMessageCount: 0, humanAgentMessageCount: 0, toolCallCount: 0 },
  ...{ toolErrorCount: 0, notUnderstoodCount: 0, tokenCount: 0, costUsd: null },
}

/** Calls one mutation with `input` as its variable. */
export function write(ask: Ask, mutation: string, input: unknown, selection = 'conversation { id }'): Promise<Answer> {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`
  return ask(`mutation ($input: ${type}!) { ${mutation}(input: $input) { ${selection} } }`, { input })
}

export const said = (content: string, role = 'USER') => ({ chat: { role, content } })

/** Logs a conversation of a few messages; its id and theirs. */
export async function logged(
  ask: Ask,
  input: Record<string, unknown> = {},
): Promise<{ id: string; messages: string[] }> {
  const { data, errors } = await write(
    ask,
    'logConversation',
    { messages: [said('Hello'), said('Hi', 'ASSISTANT')], ...input },
    'conversation { id messages(first: 100) { nodes { id } } }',
  )
  if (errors) throw new Error(JSON.stringify(errors))
  const { id, messages } = data.logConversation.conversation
  return { id, messages: messages.nodes.map((message: { id: string }) => message.id) }
}

/** One conversation, with what is said in its messages. */
export async function read(ask: Ask, id: string, selection = CONVERSATION) {
  const { data, errors } = await ask(`query ($id: ID!) { conversation(by: { id: $id }) { ${selection} } }`, { id })
  if (errors) throw new Error(JSON.stringify(errors))
  return data.conversation
}

export const contentsOf = async (ask: Ask, id: string): Promise<string[]> => {
  const { messages } = await read(ask, id, 'messages(first: 100) { nodes { ... on ChatMessage { content } } }')
  return messages.nodes.map((message: { content: string }) => message.content)
}

/** What an answer refuses, and where in the input. */
export const refusals = (answer: Answer) =>
  (answer.errors ?? []).map(({ extensions: { code, inputPath } }) =>
    inputPath === undefined ? code : `${code} ${inputPath}`,
  )

const TABLES = ['tenants', 'api_keys', 'agents', 'conversations', 'conversation_agents', 'conversation_metadata']
const MORE_TABLES = ['messages', 'idempotency_keys']

/** A fingerprint of all that is stored: equal before and after a write that was refused. */
export async function stored(server: TestServer): Promise<Record<string, unknown>> {
  const sums = [...TABLES, ...MORE_TABLES].map(
    (table) => `(SELECT count(*) || ' ' || md5(coalesce(string_agg(row, '' ORDER BY row), ''))
      FROM (SELECT (to_jsonb(t) - 'last_used_at')::text AS row FROM ${table} t) rows) AS ${table}`,
  )
  const [row] = await server.owner(`SELECT ${sums.join(', ')}`)
  return row ?? {}
}
