import type { MessageInput } from '../generated/schema-types.ts'
import { nameFile } from './files.ts'
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

export interface AnthropicOptions extends ConvertOptions {
  /** The system prompt, which requests hold beside the messages. */
  system?: string | readonly object[] | null
}

/**
 * Converts messages of Anthropic's Messages API, as they are sent and as they are answered. Thinking becomes the thought
 * of the tool call after it.
 */
export function fromAnthropic(messages: readonly object[], options: AnthropicOptions = {}): MessageInput[] {
  const builder = new TranscriptBuilder(options)
  const system = options?.system
  if (system != null) {
    builder.begin({ role: 'SYSTEM' })
    convertContent(system, 'system', builder)
  }
  for (const [index, item] of listOf(messages, 'messages').entries()) {
    const place = `messages[${index}]`
    const message = fieldsOf(item, place)
    beginMessage(builder, message, place)
    convertContent(message['content'], `${place}.content`, builder)
  }
  return builder.end()
}

function convertContent(content: unknown, place: string, builder: TranscriptBuilder) {
  if (content == null) return
  if (typeof content === 'string') return builder.say(content)
  if (!Array.isArray(content)) throw new ConversionError(place, 'must be a text or a list of blocks')
  let before: unknown = null
  for (const [index, item] of content.entries()) {
    const at = `${place}[${index}]`
    const block = typeof item === 'string' ? { type: 'text', text: item } : fieldsOf(item, at)
    // An answer with citations is one text in many blocks.
    const continues = isCited(before) || isCited(block)
    convertBlock(block, at, builder, continues ? '' : '\n')
    before = block
  }
}

const isCited = (block: unknown) =>
  isFields(block) && Array.isArray(block['citations']) && block['citations'].length > 0

function convertBlock(block: Fields, place: string, builder: TranscriptBuilder, separator: string) {
  const { id, name, input } = block
  const type = typeOf(block)
  if (type === 'thinking') return builder.think(textOf(block['thinking']))
  if (type === 'redacted_thinking') return builder.think(undefined)
  // Tools of the server and of MCP servers have types such as `server_tool_use` and `web_search_tool_result`.
  if (type.endsWith('tool_use')) return builder.call({ id, name, input })
  if (type.endsWith('tool_result')) return convertResult(block, place, builder)
  if (type === 'image') return convertSource(block, 'image', place, builder)
  if (type === 'document') return convertSource(block, 'document', place, builder)
  if (type === 'container_upload') return builder.attach({ kind: 'file', id: block['file_id'] })
  if (type === 'search_result') {
    builder.say(nameFile('search result', [textOf(block['title']), textOf(block['source'])]))
    return convertContent(block['content'], `${place}.content`, builder)
  }
  if (isCited(block)) for (const _ of listOf(block['citations'], place)) builder.lose('citation')
  if (typeof block['text'] === 'string') return builder.say(block['text'], separator)
  builder.say(`[${type}]`)
  builder.lose(`block of the type ${type}`)
}

function convertSource(block: Fields, kind: string, place: string, builder: TranscriptBuilder) {
  const source = isFields(block['source']) ? block['source'] : {}
  const name = block['title']
  builder.sayText(block['context'], 'context')
  if (source['type'] === 'text' || source['type'] === 'content') {
    builder.say(nameFile(kind, [textOf(name)]))
    return convertContent(source['data'] ?? source['content'], `${place}.source`, builder)
  }
  const { data, url, file_id: id, media_type: mediaType } = source
  builder.attach({ kind, source: url ?? data, id, name, mediaType })
}

function convertResult(block: Fields, place: string, builder: TranscriptBuilder) {
  const { content, tool_use_id: of } = block
  // Such as `web_search`, of the result of a tool of the server.
  const name = /^(.+)_tool_result$/.exec(typeOf(block))?.[1]
  const output = isContent(content)
    ? textOfResult(builder, (inner) => convertContent(content, `${place}.content`, inner))
    : withoutCiphers(content ?? undefined, builder)
  const failed = isFields(content) && typeof content['error_code'] === 'string'
  if (failed) builder.result({ of, name, error: content['error_code'] })
  else if (block['is_error'] === true) builder.result({ of, name, error: asText(output ?? '') })
  else builder.result({ of, name, output: jsonOrText(output) })
}

/** Results of a search hold each page for the model, encrypted. */
function withoutCiphers(value: unknown, builder: TranscriptBuilder): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutCiphers(item, builder))
  if (!isFields(value) || typeof value['encrypted_content'] !== 'string') return value
  builder.lose('encrypted content')
  const { encrypted_content: _, ...rest } = value
  return rest
}
