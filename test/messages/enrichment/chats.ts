import type { Ask } from '../../support/server.ts'

/** What is read of a chat message to see what was derived. */
const CHAT = 'content sentiment language tokenCount costUsd enrichedFields'

export interface Chat {
  content: string
  sentiment: number | null
  language: string | null
  tokenCount: number | null
  costUsd: number | null
  enrichedFields: string[]
}

export interface Written {
  id: string
  tokenCount: number
  costUsd: number | null
  chats: Chat[]
}

const CONVERSATION = `conversation {
  id tokenCount costUsd
  messages(first: 100, types: [CHAT]) { nodes { ... on ChatMessage { ${CHAT} } } }
}`

type Mutation = 'logConversation' | 'appendMessages'

/** Writes, and answers what is then stored. */
export async function write(ask: Ask, mutation: Mutation, input: Record<string, unknown>): Promise<Written> {
  const type = mutation === 'logConversation' ? 'LogConversationInput' : 'AppendMessagesInput'
  const { data, errors } = await ask(`mutation ($input: ${type}!) { ${mutation}(input: $input) { ${CONVERSATION} } }`, {
    input,
  })
  if (errors) throw new Error(JSON.stringify(errors))
  const { messages, ...conversation } = data[mutation].conversation
  return { ...conversation, chats: messages.nodes }
}

export const log = (ask: Ask, input: Record<string, unknown>) => write(ask, 'logConversation', input)

/** One message that is logged by itself. */
export async function logOne(
  ask: Ask,
  chat: Record<string, unknown>,
  input: Record<string, unknown> = {},
): Promise<Chat> {
  const { chats } = await log(ask, { messages: [{ chat: { role: 'USER', ...chat } }], ...input })
  const [first] = chats
  if (!first) throw new Error('nothing was stored')
  return first
}
