import type { Ask } from '../support/server.ts'

/** What the tests here write with: each throws where the write is refused. */

async function must(ask: Ask, document: string, variables: Record<string, unknown>) {
  const { data, errors } = await ask(document, variables)
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}

const chat = (content: string) => ({ chat: { role: 'USER', content } })

/** The id of a new conversation; by default one that goes on. */
export async function log(ask: Ask, input: object = {}): Promise<string> {
  const data = await must(
    ask,
    'mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { id } } }',
    { input: { status: 'ACTIVE', messages: [chat('Hello')], ...input } },
  )
  return data.logConversation.conversation.id
}

export const append = (ask: Ask, id: string, messages: (string | object)[], input: object = {}) =>
  must(ask, 'mutation ($input: AppendMessagesInput!) { appendMessages(input: $input) { created } }', {
    input: {
      by: { id },
      messages: messages.map((message) => (typeof message === 'string' ? chat(message) : message)),
      ...input,
    },
  })

export const update = (ask: Ask, id: string, input: object) =>
  must(
    ask,
    'mutation ($input: UpdateConversationInput!) { updateConversation(input: $input) { conversation { id } } }',
    {
      input: { by: { id }, ...input },
    },
  )

export const remove = (ask: Ask, id: string) =>
  must(ask, 'mutation ($input: DeleteConversationInput!) { deleteConversation(input: $input) { deletedId } }', {
    input: { by: { id } },
  })
