import type { MessageInput } from '../generated/schema-types.ts'
import { beginMessage, isContent, textOfResult } from './messages.ts'
import { TranscriptBuilder } from './transcript-builder.ts'
import {
  asText,
  ConversionError,
  type ConvertOptions,
  type Fields,
  fieldsOf,
  isFields,
  jsonOrText,
  listOf,
  textOf,
  typeOf,
} from './values.ts'

/**
 * Converts messages of OpenAI's chat completions, as they are sent and as they are answered, or items of its Responses
 * API. Reasoning becomes the thought of the tool call after it.
 */
export function fromOpenAI(messages: readonly object[], options: ConvertOptions = {}): MessageInput[] {
  const builder = new TranscriptBuilder(options)
  for (const [index, item] of listOf(messages, 'messages').entries()) {
    const place = `messages[${index}]`
    const fields = fieldsOf(item, place)
    if (typeof fields['type'] === 'string' && fields['type'] !== 'message' && fields['role'] == null)
      convertItem(fields, fields['type'], place, builder)
    else convertMessage(fields, place, builder)
  }
  return builder.end()
}

function convertMessage(message: Fields, place: string, builder: TranscriptBuilder) {
  const { role, content, name } = message
  if (role === 'tool' || role === 'function') {
    const of = role === 'tool' ? message['tool_call_id'] : functionKey(name)
    return builder.result({ of, name, output: outputOf(content, `${place}.content`, builder) })
  }
  beginMessage(builder, message, place)
  const thought = message['reasoning_content']
  if (thought != null && thought !== '') builder.think(textOf(thought))
  convertContent(content, `${place}.content`, builder)
  builder.sayText(message['refusal'], 'refusal')
  if (isFields(message['audio'])) convertAudio(message['audio'], builder)
  if (Array.isArray(message['annotations'])) for (const _ of message['annotations']) builder.lose('citation')
  const calls = message['tool_calls']
  for (const [index, call] of listOf(calls ?? [], `${place}.tool_calls`).entries())
    convertCall(fieldsOf(call, `${place}.tool_calls[${index}]`), builder)
  const called = message['function_call']
  if (isFields(called)) {
    const { name } = called
    builder.call({ name, input: jsonOrText(called['arguments']), key: functionKey(name) })
  }
}

/** Functions, which tools replaced, have no ids. */
const functionKey = (name: unknown) => `function ${asText(name)}`

function convertCall(call: Fields, builder: TranscriptBuilder) {
  const { id } = call
  // Of the two kinds of tools, `custom` ones take text.
  const { name, arguments: json, input } = isFields(call['function']) ? call['function'] : asFields(call['custom'])
  builder.call({ id, name, input: json === undefined ? input : jsonOrText(json) })
}

const asFields = (value: unknown): Fields => (isFields(value) ? value : {})

function convertAudio({ transcript, data, id }: Fields, builder: TranscriptBuilder) {
  builder.sayText(transcript, 'transcript')
  builder.attach({ kind: 'audio', source: data, id })
}

function convertContent(content: unknown, place: string, builder: TranscriptBuilder) {
  if (content == null) return
  if (typeof content === 'string') return builder.say(content)
  if (!Array.isArray(content)) throw new ConversionError(place, 'must be a text or a list of parts')
  for (const [index, part] of content.entries()) {
    if (typeof part === 'string') builder.say(part)
    else convertPart(fieldsOf(part, `${place}[${index}]`), builder)
  }
}

/** Parts of both APIs: in the Responses API, the names of types begin with `input_` or `output_`. */
function convertPart(part: Fields, builder: TranscriptBuilder) {
  const type = typeOf(part).replace(/^(?:input|output)_/, '')
  const image = part['image_url']
  if (image !== undefined || type === 'image') {
    const source = isFields(image) ? image['url'] : image
    return builder.attach({ kind: 'image', source, id: part['file_id'] })
  }
  if (type === 'audio') {
    const audio = asFields(part['input_audio'] ?? part['audio'] ?? part)
    const mediaType = textOf(audio['format']) && `audio/${audio['format']}`
    builder.sayText(audio['transcript'], 'transcript')
    return builder.attach({ kind: 'audio', source: audio['data'], mediaType })
  }
  if (type === 'file') {
    const file = asFields(part['file'] ?? part)
    const source = file['file_url'] ?? file['file_data']
    return builder.attach({ kind: 'file', source, id: file['file_id'], name: file['filename'] })
  }
  const text = part['text'] ?? part['refusal']
  // A message of the Assistants API holds its text in an object.
  const value = isFields(text) ? text['value'] : text
  if (Array.isArray(part['annotations'])) for (const _ of part['annotations']) builder.lose('citation')
  if (typeof value === 'string') return builder.say(value)
  builder.say(`[${type}]`)
  builder.lose(`part of the type ${type}`)
}

const outputOf = (content: unknown, place: string, builder: TranscriptBuilder): unknown => {
  if (content == null || typeof content === 'string') return jsonOrText(content)
  if (!isContent(content)) return content
  return jsonOrText(textOfResult(builder, (inner) => convertContent(content, place, inner)))
}

/** An item of the Responses API that is no message: a call of a tool, what came of one, reasoning. */
function convertItem(item: Fields, type: string, place: string, builder: TranscriptBuilder) {
  if (type === 'reasoning') {
    const texts = [...thoughtsOf(item['content']), ...thoughtsOf(item['summary'])]
    return builder.think(texts.length > 0 ? texts.join('\n') : undefined)
  }
  const of = item['call_id'] ?? item['id']
  if (type.endsWith('_call_output')) {
    const output = isFields(item['output']) && textOf(item['output']['image_url']) ? [item['output']] : item['output']
    return builder.result({
      of,
      name: item['name'] ?? /^(?!function|custom)(.+)_call_output$/.exec(type)?.[1],
      output: outputOf(output, `${place}.output`, builder),
    })
  }
  if (!type.endsWith('_call')) {
    builder.lose(`item of the type ${type}`)
    if (item['content'] != null) convertMessage({ ...item, role: 'assistant' }, place, builder)
    return
  }
  const { name = type.replace(/_call$/, ''), arguments: json, result, error } = item
  const input =
    json === undefined ? (item['input'] ?? item['action'] ?? item['code'] ?? item['queries']) : jsonOrText(json)
  // Tools that OpenAI runs have what came of them in the same item. A text in `result` is an image.
  const image = (inner: TranscriptBuilder) => inner.attach({ kind: 'image', source: result })
  const output =
    typeof result === 'string' ? textOfResult(builder, image) : (item['output'] ?? item['outputs'] ?? item['results'])
  const outcome = output == null && error == null ? undefined : { output: jsonOrText(output ?? undefined), error }
  builder.call({ id: of, name, input: input ?? undefined, outcome })
}

const thoughtsOf = (list: unknown): string[] =>
  (Array.isArray(list) ? list : []).flatMap((part) => (isFields(part) ? (textOf(part['text']) ?? []) : []))
