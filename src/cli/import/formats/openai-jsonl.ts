import { timeOf } from '../../../client/convert/messages.ts'
import { fromOpenAI } from '../../../client/convert/openai.ts'
import { type Fields, isFields, textOf } from '../../../client/convert/values.ts'
import { parseExactly } from '../../../input/exact-number.ts'
import { externalIdOf, type Format, MalformedEntry, objectOf } from './format.ts'

/** What is carried over, or says nothing of the conversation. Other fields are counted as lost. */
const KNOWN = new Set([
  ...['messages', 'input', 'choices', 'output', 'created', 'created_at'],
  ...['id', 'custom_id', 'object', 'method', 'url', 'body', 'status', 'type'],
])
const KNOWN_IN_MESSAGES = new Set([
  ...['role', 'content', 'name', 'id', 'type', 'status', 'object', 'model', 'metadata', 'createdAt', 'created_at'],
  ...['refusal', 'audio', 'annotations', 'reasoning_content', 'tool_calls', 'tool_call_id', 'function_call'],
])

/**
 * Lines that hold messages of OpenAI's APIs: data for fine-tuning, and requests and answers of batches, with a system
 * prompt in `instructions`.
 */
export const openaiJsonl: Format = {
  name: 'openai',
  times: 'sometimes',
  parse: parseExactly,

  recognises: (value) => isFields(value) && messagesOf(fieldsIn(value), []) !== null,

  convert(value, entry, times) {
    const fields = fieldsIn(objectOf(value))
    const losses: string[] = []
    const messages = messagesOf(fields, losses)
    if (messages === null) throw new MalformedEntry('has no messages')
    const { model, metadata, custom_id: customId, instructions, response, ...others } = fields
    const unused = {
      ...others,
      ...(typeof model !== 'string' && { model }),
      ...(!isFields(metadata) && { metadata }),
      ...(typeof instructions !== 'string' && { instructions }),
      ...(!isFields(asFields(response)['body']) && { response }),
    }
    losses.push(...unknownIn(unused, KNOWN))
    for (const message of messages)
      if (isFields(message) && message['role'] != null) losses.push(...unknownIn(message, KNOWN_IN_MESSAGES))
    const startedAt = timeOf(fields['created'] ?? fields['created_at']) ?? times?.start
    // It names a line of one batch: its answer is in another file, and other batches use the same ones.
    const described = { ...asFields(metadata), ...(textOf(customId) && { custom_id: customId }) }
    return {
      input: {
        externalId: externalIdOf(fields['id'], entry),
        onConflict: 'RETURN_EXISTING',
        status: 'COMPLETED',
        ...(typeof model === 'string' && { model }),
        ...(Object.keys(described).length > 0 && { metadata: described }),
        ...(startedAt !== undefined && { startedAt }),
        messages: fromOpenAI(messages as object[], { onLoss: (kind) => losses.push(kind) }),
      },
      losses,
    }
  },
}

const asFields = (value: unknown): Fields => (isFields(value) ? value : {})

const unknownIn = (fields: Fields, known: ReadonlySet<string>) =>
  Object.entries(fields).flatMap(([name, value]) => (value == null || known.has(name) ? [] : [`"${name}"`]))

/** Of a batch, a line holds the body of a request, or of an answer with its status; or both, if somebody joined them. */
function fieldsIn(line: Fields): Fields {
  return { ...line, ...asFields(line['body']), ...asFields(asFields(line['response'])['body']) }
}

/** What was sent, and what was answered if the line holds it as well. */
function messagesOf(fields: Fields, losses: string[]): readonly unknown[] | null {
  const { messages, input, instructions, choices, output } = fields
  const given = messages ?? input
  const sent = typeof given === 'string' ? [{ role: 'user', content: given }] : given
  const answered = Array.isArray(choices) ? answerOf(choices, losses) : output
  const parts = [sent, answered].filter((part): part is unknown[] => Array.isArray(part))
  if (parts.length === 0) return null
  return [...(typeof instructions === 'string' ? [{ role: 'system', content: instructions }] : []), ...parts.flat()]
}

/** Of several answers to the same request, the first. */
function answerOf(choices: readonly unknown[], losses: string[]): readonly unknown[] | null {
  const [first, ...others] = choices.filter(isFields)
  for (const _ of others) losses.push('alternative answer')
  return first ? [first['message']] : null
}
