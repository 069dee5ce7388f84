import type { Entry } from './outbox.ts'

/** The documents that write, and how the inputs of entries and their results lie in them. */
const DOCUMENTS: Record<Entry['operation'], string> = {
  log: `mutation ParleyLog($input: LogConversationsInput!) {
    logConversations(input: $input) { results { error { code message inputPath } } }
  }`,
  append: 'mutation ParleyAppend($input: AppendMessagesInput!) { appendMessages(input: $input) { created } }',
  complete:
    'mutation ParleyComplete($input: CompleteConversationInput!) { completeConversation(input: $input) { __typename } }',
  update: 'mutation ParleyUpdate($input: UpdateMessagesInput!) { updateMessages(input: $input) { __typename } }',
}

/** Why a write was refused. */
export interface Refusal {
  code: string
  message: string
  inputPath: string | null
}

/** The body of a request that sends these writes: several only if they log conversations. */
export function bodyOf(entries: readonly Entry[]): string {
  const [first] = entries as [Entry]
  const input = first.operation === 'log' ? `{"conversations":[${entries.map(inputOf).join()}]}` : inputOf(first)
  return `{"query":${JSON.stringify(DOCUMENTS[first.operation])},"variables":{"input":${input}}}`
}

function inputOf({ operation, fields, messages, idempotencyKey }: Entry): string {
  const entries = operation === 'append' ? `"messages":[${messages.join()}],` : ''
  // `fields` is an object with at least one field.
  return `{${entries}"idempotencyKey":${JSON.stringify(idempotencyKey)},${fields.slice(1)}`
}

/** The refusal of each write in an answer without errors; null if it was stored. */
export function refusalsOf(entries: readonly Entry[], data: unknown): (Refusal | null)[] {
  const [answer] = Object.values(data as Record<string, { results?: { error: Refusal | null }[] } | null>)
  if (entries[0]?.operation !== 'log') {
    if (!answer) throw new TypeError('the answer does not say that it was stored')
    return [null]
  }
  const results = answer?.results
  if (!Array.isArray(results) || results.length !== entries.length)
    throw new TypeError('the answer does not say what became of each conversation')
  return results.map(({ error }) => error && ofItself(error))
}

/** The caller does not know the request: what is wrong is named as if the conversation were the whole input. */
function ofItself({ code, message, inputPath }: Refusal): Refusal {
  const shorten = (text: string) => text.replaceAll(/\binput\.conversations\[\d+\]/g, 'input')
  return { code, message: shorten(message), inputPath: inputPath && shorten(inputPath) }
}
