import { timeOf } from '../../../client/convert/messages.ts'
import { fromOpenAI } from '../../../client/convert/openai.ts'
import { type Fields, isFields } from '../../../client/convert/values.ts'
import { parseExactly } from '../../../input/exact-number.ts'
import { externalIdOf, type Format, MalformedEntry, objectOf } from './format.ts'

/** What is carried over, or says nothing of the conversation. Other fields are counted as lost. */
const KNOWN = new Set([
  ...['messages', 'input', 'instructions', 'choices', 'output', 'model', 'metadata', 'created', 'created_at'],
  ...['id', 'custom_id', 'object', 'method', 'url', 'body', 'response', 'error', 'status', 'type'],
])

/**
 * Lines that hold messages of OpenAI's APIs: data for fine-tuning, and requests and answers of batches, with a system
 * prompt in `instructions`.
 */
export const openaiJsonl: Format = {
  name: 'openai',
  times: 'sometimes',
  parse: parseExactly,

  recognises: (value) => isFields(value) && messagesOf(bodyOf(value), []) !== null,

  convert(value, entry, times) {
    const line = objectOf(value)
    const body = bodyOf(line)
    const losses: string[] = []
    const messages = messagesOf(body, losses)
    if (messages === null) throw new MalformedEntry('has no messages')
    const fields = body === line ? line : { ...line, ...body }
    for (const [name, given] of Object.entries(fields)) if (given != null && !KNOWN.has(name)) losses.push(`"${name}"`)
    for (const message of messages) if (isFields(message) && message['weight'] != null) losses.push('"weight"')
    const { model, metadata } = body
    const startedAt = timeOf(body['created'] ?? body['created_at']) ?? times?.start
    return {
      input: {
        externalId: externalIdOf(line['custom_id'] ?? body['id'] ?? line['id'], entry),
        onConflict: 'RETURN_EXISTING',
        status: 'COMPLETED',
        ...(typeof model === 'string' && { model }),
        ...(isFields(metadata) && { metadata }),
        ...(startedAt !== undefined && { startedAt }),
        messages: fromOpenAI(messages as object[], { onLoss: (kind) => losses.push(kind) }),
      },
      losses,
    }
  },
}

/** Of a batch, a line holds a request, or an answer with its status. */
function bodyOf(line: Fields): Fields {
  const { body, response } = line
  if (isFields(body)) return body
  return isFields(response) && isFields(response['body']) ? response['body'] : line
}

function messagesOf(body: Fields, losses: string[]): readonly unknown[] | null {
  const { messages, input, instructions, choices, output } = body
  const before = typeof instructions === 'string' ? [{ role: 'system', content: instructions }] : []
  if (Array.isArray(messages)) return [...before, ...messages]
  if (typeof input === 'string') return [...before, { role: 'user', content: input }]
  if (Array.isArray(input)) return [...before, ...input]
  if (Array.isArray(output)) return [...before, ...output]
  if (!Array.isArray(choices)) return null
  // Of several answers to the same request, the first.
  const [first, ...others] = choices.filter(isFields)
  for (const _ of others) losses.push('alternative answer')
  return first ? [first['message']] : null
}
