import type { MessageInput } from '../generated/schema-types.ts'
import { beginMessage, isContent, textOfResult } from './messages.ts'
import { TranscriptBuilder } from './transcript-builder.ts'
import {
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
 * Converts messages of the AI SDK: those of its user interface (`UIMessage`) and those of models (`ModelMessage`), also
 * as version 4 has them. Reasoning becomes the thought of the tool call after it.
 */
export function fromAISDK(messages: readonly object[], options: ConvertOptions = {}): MessageInput[] {
  const builder = new TranscriptBuilder(options)
  for (const [index, item] of listOf(messages, 'messages').entries()) {
    const place = `messages[${index}]`
    convertMessage(fieldsOf(item, place), place, builder)
  }
  return builder.end()
}

function convertMessage(message: Fields, place: string, builder: TranscriptBuilder) {
  const parts = message['parts'] ?? message['content']
  const at = message['parts'] == null ? `${place}.content` : `${place}.parts`
  if (message['role'] !== 'tool') {
    const sources = listOfFields(parts).flatMap(sourceOf)
    const metadata = isFields(message['metadata']) ? message['metadata'] : {}
    beginMessage(builder, { ...message, metadata: { ...metadata, ...(sources.length > 0 && { sources }) } }, place)
  }
  convertParts(parts, at, builder)
  for (const file of listOfFields(message['experimental_attachments'])) {
    builder.attach({ kind: 'file', source: file['url'], name: file['name'], mediaType: file['contentType'] })
  }
  // Version 4 repeats in `toolInvocations` what is in the parts, if there are parts.
  if (message['parts'] == null)
    for (const invocation of listOfFields(message['toolInvocations'])) convertInvocation(invocation, builder)
}

const listOfFields = (value: unknown) => (Array.isArray(value) ? value.filter(isFields) : [])

/** What an answer is based on. It is no file that was sent, so it belongs to the metadata. */
function sourceOf(part: Fields): Fields[] {
  if (part['type'] === 'source' && isFields(part['source'])) return sourceOf({ ...part['source'], type: 'source-url' })
  if (part['type'] !== 'source-url' && part['type'] !== 'source-document') return []
  const { url, title, filename, mediaType } = part
  return [Object.fromEntries(Object.entries({ url, title, filename, mediaType }).filter(([, value]) => value != null))]
}

function convertParts(parts: unknown, place: string, builder: TranscriptBuilder) {
  if (parts == null) return
  if (typeof parts === 'string') return builder.say(parts)
  if (!Array.isArray(parts)) throw new ConversionError(place, 'must be a text or a list of parts')
  for (const [index, part] of parts.entries()) {
    if (typeof part === 'string') builder.say(part)
    else convertPart(fieldsOf(part, `${place}[${index}]`), `${place}[${index}]`, builder)
  }
}

function convertPart(part: Fields, place: string, builder: TranscriptBuilder) {
  const type = typeOf(part)
  const { toolCallId: id, toolName, text } = part
  // By its state, since a tool may have the name `call` or `result`.
  if (type.startsWith('tool-') && typeof part['state'] === 'string')
    return convertInvocation({ ...part, toolName: type.slice('tool-'.length) }, builder)
  switch (type) {
    case 'step-start':
      return
    case 'reasoning':
      return builder.think(textOf(text ?? part['reasoning']))
    case 'image':
    case 'file':
    case 'media':
    case 'reasoning-file':
      return attachFile(part, builder)
    case 'tool-call':
      return builder.call({ id, name: toolName, input: part['input'] ?? part['args'] })
    case 'tool-result':
      return convertResult(part, place, builder)
    case 'tool-error':
      return builder.result({ of: id, name: toolName, error: part['error'] ?? '' })
    case 'dynamic-tool':
      return convertInvocation(part, builder)
    case 'tool-invocation':
      return convertInvocation(fieldsOf(part['toolInvocation'], `${place}.toolInvocation`), builder)
    case 'tool-approval-request':
    case 'tool-approval-response':
      return builder.lose('tool approval')
  }
  if (sourceOf(part).length > 0) return
  if (typeof text === 'string') return builder.say(text)
  if (type.startsWith('data-')) return builder.lose('data part')
  // In results: `image-data`, `file-url`, `file-id`.
  if (/^(?:image|file)-/.test(type)) return attachFile(part, builder)
  builder.say(`[${type}]`)
  builder.lose(`part of the type ${type}`)
}

function attachFile(part: Fields, builder: TranscriptBuilder) {
  const { filename: name, fileId: id } = part
  const mediaType = part['mediaType'] ?? part['mimeType']
  const given = part['url'] ?? part['data'] ?? part['image']
  const isImage = /^image/.test(typeOf(part)) || (typeof mediaType === 'string' && /^image\//.test(mediaType))
  // Data may be marked as a URL, as data or as a provider's id.
  const source = isFields(given) && typeof given['type'] === 'string' ? (given['url'] ?? given['data'] ?? given) : given
  builder.attach({ kind: isImage ? 'image' : 'file', source, name, mediaType, id })
}

/** A call and what came of it in one part, by its state. */
function convertInvocation(part: Fields, builder: TranscriptBuilder) {
  const { toolCallId: id, toolName: name, state, approval } = part
  const input = part['input'] ?? part['rawInput'] ?? part['args']
  const output = part['output'] ?? part['result']
  const error = state === 'output-denied' ? denial(isFields(approval) ? approval['reason'] : null) : part['errorText']
  const outcome = output === undefined && error == null ? undefined : { output, error }
  builder.call({ id, name, input, outcome })
}

const denial = (reason: unknown) => (textOf(reason) ? `denied: ${reason}` : 'denied')

function convertResult(part: Fields, place: string, builder: TranscriptBuilder) {
  const { toolCallId: of, toolName: name, output } = part
  if (!isFields(output) || typeof output['type'] !== 'string') {
    const result = output ?? part['result']
    return builder.result({ of, name, ...(part['isError'] === true ? { error: result ?? '' } : { output: result }) })
  }
  const { type, value } = output
  if (type === 'execution-denied') builder.result({ of, name, error: denial(output['reason']) })
  else if (type === 'error-text' || type === 'error-json') builder.result({ of, name, error: value ?? '' })
  else if (type === 'content' && isContent(value)) {
    const text = textOfResult(builder, (inner) => convertParts(value, `${place}.output.value`, inner))
    builder.result({ of, name, output: jsonOrText(text) })
  } else builder.result({ of, name, output: value === undefined ? output : value })
}
