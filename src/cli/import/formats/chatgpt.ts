import { textOfResult, timeOf } from '../../../client/convert/messages.ts'
import { TranscriptBuilder } from '../../../client/convert/transcript-builder.ts'
import { asText, type Fields, isFields, jsonOrText, textOf } from '../../../client/convert/values.ts'
import { externalIdOf, type Format, MalformedEntry, objectOf } from './format.ts'

/**
 * The conversations of `conversations.json`, the export of ChatGPT. Each is a tree, because messages were edited and
 * answers regenerated: the path that was shown last is carried over. OpenAI documents none of this; fields of the account
 * and of the application, such as whether a conversation is archived, are left out.
 */
export const chatgpt: Format = {
  name: 'chatgpt',
  times: 'always',
  parse: JSON.parse,

  recognises: (value) => isFields(value) && isFields(value['mapping']),

  convert(value, entry) {
    const conversation = objectOf(value)
    const losses: string[] = []
    const builder = new TranscriptBuilder({ onLoss: (kind) => losses.push(kind) })
    const { path, otherBranches } = currentPath(conversation)
    for (let n = 0; n < otherBranches; n += 1) losses.push('other branch')
    const messages = path.flatMap(({ message }) => (isFields(message) ? [message] : []))
    for (const message of messages) convertMessage(message, builder)
    const entries = builder.end()
    if (entries.length === 0) throw new MalformedEntry('has no messages')
    const { title, default_model_slug: model, create_time: created, gizmo_id: gizmoId } = conversation
    const startedAt = timeOf(created)
    return {
      input: {
        externalId: externalIdOf(conversation['conversation_id'] ?? conversation['id'], entry),
        onConflict: 'RETURN_EXISTING',
        status: 'COMPLETED',
        ...(typeof title === 'string' && title !== '' && { title }),
        ...(typeof model === 'string' && model !== '' && { model }),
        // Which of the user's own GPTs answered.
        ...(textOf(gizmoId) && { metadata: { gizmo_id: gizmoId } }),
        ...(startedAt !== undefined && { startedAt }),
        messages: entries,
      },
      losses,
    }
  },
}

/** The nodes from the root to the current one, and how many branches end elsewhere. */
function currentPath({ mapping, current_node: current }: Fields): { path: Fields[]; otherBranches: number } {
  const nodes = new Map(Object.entries(isFields(mapping) ? mapping : {}).filter(isNode))
  const path = new Set<Fields>()
  if (!nodes.has(asText(current))) throw new MalformedEntry('current_node: names no node of mapping')
  for (let node = nodes.get(asText(current)); node; node = nodes.get(asText(node['parent']))) {
    if (path.has(node)) throw new MalformedEntry('mapping: a node is its own ancestor')
    path.add(node)
  }
  const ends = [...nodes.values()].filter(({ children }) => !Array.isArray(children) || children.length === 0)
  return { path: [...path].toReversed(), otherBranches: ends.filter((node) => !path.has(node)).length }
}

const isNode = (entry: [string, unknown]): entry is [string, Fields] => isFields(entry[1])

const contentTypeOf = ({ content_type: type }: Fields) => (typeof type === 'string' ? type : 'unknown')

/** What the user set for all conversations, or what the model remembers of others. */
const CONTEXTS = ['user_editable_context', 'model_editable_context']

function convertMessage(message: Fields, builder: TranscriptBuilder) {
  const { id, recipient, metadata } = message
  const author = isFields(message['author']) ? message['author'] : {}
  const content = isFields(message['content']) ? message['content'] : {}
  const { name, role } = author
  const timestamp = timeOf(message['create_time'])
  const type = contentTypeOf(content)
  if (type === 'thoughts') return convertThoughts(content['thoughts'], builder)
  // Only says how long it thought.
  if (type === 'reasoning_recap') return builder.lose('reasoning')
  const files =
    isFields(metadata) && Array.isArray(metadata['attachments']) ? metadata['attachments'].filter(isFields) : []
  const say = (to: TranscriptBuilder) => {
    sayContent(content, type, to)
    for (const file of files.filter((file) => !isPointedTo(file, content)))
      to.attach({ kind: 'file', id: file['id'], name: file['name'], mediaType: file['mime_type'] })
  }
  // It writes messages to tools, which answer under the name that they were called by.
  if (role === 'tool')
    return builder.result({ of: name, name, output: jsonOrText(textOfResult(builder, say)), timestamp })
  if (role === 'assistant' && typeof recipient === 'string' && recipient !== 'all') {
    const input = jsonOrText(textOfResult(builder, say))
    return builder.call({ id, name: recipient, key: recipient, input, timestamp })
  }
  // Many messages in these files are empty: the first of each, and steps of the model.
  if (itemsOf(content).length === 0 && PLAIN.includes(type) && files.length === 0) return
  const model = isFields(metadata) ? metadata['model_slug'] : undefined
  const said = role === 'user' ? 'USER' : role === 'assistant' ? 'ASSISTANT' : 'SYSTEM'
  builder.begin({ role: CONTEXTS.includes(type) ? 'SYSTEM' : said, id, model, timestamp })
  say(builder)
  if (isFields(metadata) && Array.isArray(metadata['citations']))
    for (const _ of metadata['citations']) builder.lose('citation')
}

function convertThoughts(thoughts: unknown, builder: TranscriptBuilder) {
  for (const thought of Array.isArray(thoughts) ? thoughts.filter(isFields) : [])
    builder.think(textOf(thought['content']) ?? textOf(thought['summary']))
}

/** Fields of a content that hold text, in the order in which it is read. */
const TEXTS = [
  ...['name', 'title', 'url', 'summary', 'text', 'result', 'content'],
  ...['user_profile', 'user_instructions', 'model_set_context', 'repository'],
]

/** Texts and parts, without empty ones. */
function itemsOf(content: Fields): (string | Fields)[] {
  const parts: unknown[] = Array.isArray(content['parts']) ? content['parts'] : []
  const texts = TEXTS.map((name) => textOf(content[name]))
  return [...texts, ...parts].filter((item): item is string | Fields => isFields(item) || textOf(item) !== undefined)
}

/** Contents that say nothing if they hold no text. */
const PLAIN = ['text', 'code', 'multimodal_text', 'execution_output', 'unknown']

function sayContent(content: Fields, type: string, builder: TranscriptBuilder) {
  const items = itemsOf(content)
  for (const item of items) {
    if (typeof item === 'string') builder.say(item)
    else sayPart(item, builder)
  }
  if (items.length === 0 && !PLAIN.includes(type)) sayUnknown(type, builder)
}

function sayPart(part: Fields, builder: TranscriptBuilder) {
  const type = contentTypeOf(part)
  const [kind] = /image|audio|video/.exec(type) ?? []
  if (textOf(part['text'])) return builder.say(textOf(part['text']))
  if (!kind) return sayUnknown(type, builder)
  const audio = isFields(part['audio_asset_pointer']) ? part['audio_asset_pointer'] : part
  builder.attach({ kind, id: audio['asset_pointer'] })
}

function sayUnknown(type: string, builder: TranscriptBuilder) {
  builder.say(`[${type}]`)
  builder.lose(`content of the type ${type}`)
}

/** Images are both among the attachments and in the content. */
const isPointedTo = ({ id }: Fields, content: Fields) =>
  typeof id === 'string' &&
  itemsOf(content).some((part) => isFields(part) && asText(part['asset_pointer']).endsWith(id))
