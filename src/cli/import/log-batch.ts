import type { GraphQLClient } from './graphql-client.ts'
import type { ImportSummary } from './import-summary.ts'
import type { ReadConversation } from './read-batches.ts'

const LOG_CONVERSATIONS = `mutation ImportConversations($inputs: [LogConversationInput!]!) {
  logConversations(input: { conversations: $inputs }) { results { created error { code message } } }
}`

interface Results {
  logConversations: { results: { created: boolean | null; error: { code: string; message: string } | null }[] }
}

/** Refusals of a whole call that can be due to one conversation in it, or to their number. */
const DUE_TO_ONE = new Set(['BAD_USER_INPUT', 'LIMIT_EXCEEDED', 'QUERY_TOO_COMPLEX'])

/** The caller or the server is in a state in which every other conversation would be refused too. */
export class CallRefused extends Error {}

/**
 * Logs conversations in one call. If the whole call is refused, it is split in halves until the conversations at fault
 * are found.
 */
export async function logBatch(
  conversations: readonly ReadConversation[],
  ask: GraphQLClient,
  summary: ImportSummary,
): Promise<void> {
  const [first] = conversations
  if (!first) return
  const { data, errors } = await ask<Results>(LOG_CONVERSATIONS, { inputs: conversations.map(({ input }) => input) })
  if (data) return noteResults(conversations, data, summary)
  const [{ message, extensions } = { message: 'The server returned neither data nor errors.' }] = errors ?? []
  const code = extensions?.code ?? 'UNKNOWN'
  if (!DUE_TO_ONE.has(code)) throw new CallRefused(`the server refuses the call: ${code}: ${message}`)
  if (conversations.length === 1) return summary.noteRefused(first, code, message)
  const middle = Math.ceil(conversations.length / 2)
  await logBatch(conversations.slice(0, middle), ask, summary)
  await logBatch(conversations.slice(middle), ask, summary)
}

function noteResults(
  conversations: readonly ReadConversation[],
  { logConversations }: Results,
  summary: ImportSummary,
) {
  for (const [index, { created, error }] of logConversations.results.entries()) {
    // There is a result for each conversation, in order.
    const conversation = conversations[index] as ReadConversation
    if (error) {
      summary.noteRefused(conversation, error.code, error.message)
      continue
    }
    // Calls are made side by side: either of the two may have come first.
    if (conversation.repeats !== null) summary.noteRepeated(conversation, conversation.repeats)
    if (created) summary.noteLogged(conversation)
    else if (conversation.repeats === null) summary.existing += 1
  }
}
