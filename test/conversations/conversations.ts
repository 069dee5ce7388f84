import type { Answer, Ask } from '../support/server.ts'

/** What the tests here send and read again and again. */

const LOG = `mutation ($input: LogConversationInput!) {
  logConversation(input: $input) { conversation { id startedAt agents { id } } }
}`

export const SAID = { chat: { role: 'USER', content: 'Hello' } }

export interface Logged {
  id: string
  startedAt: string
  agents: { id: string }[]
}

/** Logs a conversation, of one message unless the input has others. */
export async function log(ask: Ask, input: Record<string, unknown> = {}): Promise<Logged> {
  const { data, errors } = await ask(LOG, { input: { messages: [SAID], ...input } })
  if (errors) throw new Error(JSON.stringify(errors))
  return data.logConversation.conversation
}

const LIST = `query ($filter: ConversationFilter) {
  conversations(first: 100, filter: $filter) { totalCount nodes { id externalId } }
}`

export const list = (ask: Ask, filter: unknown): Promise<Answer> => ask(LIST, { filter })

/** The external ids of the conversations that fit, sorted. What the list counts, it has. */
export async function fitting(ask: Ask, filter: unknown): Promise<string[]> {
  const { data, errors } = await list(ask, filter)
  if (errors) throw new Error(JSON.stringify(errors))
  const { totalCount, nodes } = data.conversations
  if (totalCount !== nodes.length) throw new Error(`counted ${totalCount}, listed ${nodes.length}`)
  return nodes.map((node: { externalId: string }) => node.externalId).sort()
}
