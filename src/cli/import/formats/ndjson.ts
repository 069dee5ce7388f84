import { fromTranscript } from '../../../client/convert/transcript.ts'
import { asText, ConversionError, type Fields, fieldsOf, isFields, listOf } from '../../../client/convert/values.ts'
import type { MessageInput } from '../../../client/generated/schema-types.ts'
import { type LoggedConversation, prepareConversation } from '../../../client/logged-input.ts'
import { parseExactly } from '../../../input/exact-number.ts'
import { externalIdOf, type Format, objectOf } from './format.ts'

/** Fields of `LogConversationInput` that no other format has. */
const OWN_FIELDS = ['conversation', 'transcript', 'externalId', 'startedAt', 'endUserId']
const FORMS = ['chat', 'tool', 'event']

/** Lines that hold a `LogConversationInput`, or one in `conversation`, as this project's clients log them. */
export const ndjson: Format = {
  name: 'ndjson',
  times: 'always',
  parse: parseExactly,

  recognises(value) {
    if (!isFields(value)) return false
    const { messages } = value
    const [first] = Array.isArray(messages) ? messages : []
    return (
      OWN_FIELDS.some((name) => value[name] != null) || (isFields(first) && FORMS.some((form) => first[form] != null))
    )
  },

  convert(value, entry) {
    const losses: string[] = []
    const { conversation, ...others } = objectOf(value)
    const isWrapped = conversation !== undefined
    if (isWrapped) for (const name of Object.keys(others)) losses.push(`"${name}" beside the conversation`)
    const { transcript, onConflict, ...fields } = fieldsOf(isWrapped ? conversation : others, 'conversation')
    if (onConflict != null && onConflict !== 'RETURN_EXISTING') losses.push(`"onConflict: ${asText(onConflict)}"`)
    const input = prepare({ ...fields, messages: messagesOf(fields['messages'], transcript) })
    return {
      input: {
        ...input,
        externalId: externalIdOf(input.externalId, entry),
        onConflict: 'RETURN_EXISTING',
        messages: (input.messages ?? []) as MessageInput[],
      },
      losses,
    }
  },
}

function messagesOf(messages: unknown, transcript: unknown): readonly object[] {
  if (messages == null && typeof transcript === 'string') return fromTranscript(transcript)
  if (transcript != null)
    throw new ConversionError('transcript', 'must be a text, and not given together with messages')
  return listOf(messages, 'messages').map((item, index) => {
    const message = fieldsOf(item, `messages[${index}]`)
    const role = isFields(message['chat']) ? message['chat']['role'] : message['role']
    if (message['tool'] == null && message['event'] == null && typeof role !== 'string')
      throw new ConversionError(
        `messages[${index}]`,
        'is neither a chat message with a role nor a tool call nor an event',
      )
    return message
  })
}

function prepare(conversation: Fields) {
  try {
    // What it holds is checked by the server.
    return prepareConversation(conversation as LoggedConversation, new Date().toISOString())
  } catch (error) {
    throw new ConversionError('conversation', error instanceof Error ? error.message : String(error))
  }
}
