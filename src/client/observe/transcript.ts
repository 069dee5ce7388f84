import { fromOpenAI } from '../convert/openai.ts'
import type { LoggedChat, LoggedMessage, LoggedToolCall } from '../logged-input.ts'
import type { CallOutcome, OpenAIRequest } from './call.ts'
import { callsOf, type OpenAIItem, resultIdOf } from './messages.ts'

const MAX_CONTENT = 262_144
/** Longer values of tools are cut, so that they stay below 100 KB in any alphabet. */
const MAX_TOOL_CHARACTERS = 30_000

/** Of a conversation that never ends, what was said long ago is forgotten. */
const MAX_COUNTED = 10_000

interface Waiting {
  item: OpenAIItem
  metadata: object
  since: number
}

/**
 * What is known of one conversation. Each request repeats what was said before: an entry gets an external id from its
 * content, and from how often the same was said before it. So it is logged once, even if each request of a conversation
 * comes from another process.
 */
export class OpenAITranscript {
  /** How often each was said. */
  readonly #counts = new Map<string, number>()
  /** The last that was said. */
  #last: string | null = null
  /** Tool calls that wait for their results, because an entry can't be changed once it is logged. */
  readonly #waiting = new Map<string, Waiting>()

  /** Since when a tool call has waited; null if none waits. */
  get waitingSince(): number | null {
    return this.#waiting.size === 0 ? null : Math.min(...[...this.#waiting.values()].map(({ since }) => since))
  }

  /** What is new in a request. */
  addRequest(request: OpenAIRequest): LoggedMessage[] {
    const { input, messages, instructions } = request
    const given = (messages ??
      (typeof input === 'string' ? [{ role: 'user', content: input }] : (input ?? []))) as OpenAIItem[]
    const { items, metadata } = this.#withWaitingCalls(given)
    const all = instructions ? [{ role: 'system', content: instructions }, ...items] : items
    const entries = fromOpenAI(all).map((entry) => addMetadata(entry, metadata))
    return this.#newOf(entries, saltOf(request))
  }

  /** What is new in an answer. Tool calls wait for their results if the conversation may go on. */
  addAnswer(request: OpenAIRequest, outcome: CallOutcome, mayGoOn: boolean): LoggedMessage[] {
    const { answer, event } = outcome
    const { items } = answer
    const entries: LoggedMessage[] = fromOpenAI(items)
    describe(entries, outcome)
    const salt = saltOf(request) && (answer.id ?? crypto.randomUUID())
    const calls = mayGoOn ? new Map(items.flatMap(callsOf)) : new Map<string, OpenAIItem>()
    const now = entries.filter((entry) => {
      const tool = toolOf(entry)
      const item = calls.get(tool?.externalId ?? '')
      if (!tool?.externalId || !item || tool.output !== undefined) return true
      this.#waiting.set(tool.externalId, { item, metadata: tool.metadata ?? {}, since: performance.now() })
      return false
    })
    return [...this.#newOf(now, salt, true), ...(event ? [event] : [])]
  }

  /** The tool calls that have waited so long, without their results. */
  addWaiting(ms: number): LoggedMessage[] {
    const entries: LoggedMessage[] = []
    for (const [id, { item, metadata, since }] of this.#waiting) {
      if (performance.now() - since < ms) continue
      this.#waiting.delete(id)
      entries.push(...fromOpenAI([item]).map((entry) => addMetadata(entry, () => metadata)))
    }
    return this.#newOf(entries, '')
  }

  /** Joins the results in a request with their calls, if it names those by id only. */
  #withWaitingCalls(items: readonly OpenAIItem[]) {
    const found = new Map<string, Waiting>()
    const results = new Set(items.map(resultIdOf))
    const repeated = new Set(items.flatMap(callsOf).map(([id]) => id))
    const missing: OpenAIItem[] = []
    for (const [id, waiting] of this.#waiting) {
      if (!results.has(id) && !repeated.has(id)) continue
      this.#waiting.delete(id)
      found.set(id, waiting)
      if (!repeated.has(id)) missing.push(waiting.item)
    }
    return { items: [...missing, ...items], metadata: (id: string) => found.get(id)?.metadata }
  }

  /** Those of the entries that were not logged, each with its external id. */
  #newOf(entries: readonly LoggedMessage[], salt: string, areAllNew = false): LoggedMessage[] {
    const keys = entries.map((entry) => keyOf(entry, salt))
    // A request that repeats the last entry goes on after it, even if older ones were left out.
    const start = areAllNew || this.#last === null ? 0 : keys.lastIndexOf(this.#last) + 1
    const continues = areAllNew || start > 0
    const said = new Map<string, number>()
    const fresh: LoggedMessage[] = []
    for (const [index, entry] of entries.entries()) {
      const key = keys[index] as string
      const before = this.#counts.get(key) ?? 0
      const isTool = toolOf(entry)?.externalId === key
      said.set(key, (said.get(key) ?? 0) + 1)
      const occurrence = continues ? before + 1 : (said.get(key) as number)
      if (index < start || (isTool ? before > 0 : occurrence <= before)) continue
      this.#counts.set(key, occurrence)
      fresh.push(withId(entry, occurrence === 1 ? key : `${key}-${occurrence}`))
    }
    this.#last = keys.at(-1) ?? this.#last
    for (const oldest of this.#counts.size > MAX_COUNTED ? this.#counts.keys() : []) {
      if (this.#counts.size <= MAX_COUNTED) break
      this.#counts.delete(oldest)
    }
    return fresh
  }
}

/** Requests that only hold what is new: the same text is another entry than in an earlier request. */
function saltOf({ previous_response_id, conversation }: OpenAIRequest): string {
  return previous_response_id || (conversation ? crypto.randomUUID() : '')
}

/** Says of an answer how it came about. */
function describe(entries: LoggedMessage[], { ending, answer, latencyMs, beganAt }: CallOutcome) {
  const { id, model, finishReason, promptTokens, completionTokens } = answer
  const metadata = defined({
    openaiId: id,
    finishReason,
    promptTokens,
    interrupted: ending === 'ANSWERED' ? null : true,
  })
  const index = entries.findLastIndex((entry) => chatOf(entry))
  const chat = chatOf(entries[index])
  if (chat) {
    const described = { model, tokenCount: completionTokens, latencyMs, timestamp: beganAt, metadata }
    entries[index] = { ...chat, ...(defined(described) as Partial<LoggedChat>) }
  } else if (entries[0]) {
    const more = { ...metadata, ...defined({ model, completionTokens, latencyMs }) }
    entries[0] = addMetadata(entries[0], () => more)
  }
}

const defined = (values: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value != null))

const toolOf = (entry: LoggedMessage): LoggedToolCall | null => ('tool' in entry ? (entry.tool ?? null) : null)

function chatOf(entry: LoggedMessage | undefined): LoggedChat | null {
  const { chat, ...others } = (entry ?? {}) as { chat?: LoggedChat } & Partial<LoggedChat>
  return chat ?? (others.role === undefined ? null : (others as LoggedChat))
}

/** Names an entry by what it says. The system prompt is the same in all requests. */
function keyOf(entry: LoggedMessage, salt: string): string {
  const tool = toolOf(entry)
  const chat = chatOf(entry)
  if (tool?.externalId) return tool.externalId
  if (!chat) return `entry-${hash(salt + JSON.stringify(entry))}`
  const text = chat.attachments ? chat.content + JSON.stringify(chat.attachments) : chat.content
  return `${chat.role}-${hash(chat.role === 'SYSTEM' ? text : salt + text)}`
}

function addMetadata(entry: LoggedMessage, metadataOf: (toolId: string) => object | undefined): LoggedMessage {
  const tool = toolOf(entry)
  const metadata = tool && metadataOf(tool.externalId ?? '')
  return metadata ? { tool: { ...tool, metadata: { ...tool.metadata, ...metadata } } } : entry
}

/** The entry with this external id, cut to what Parley accepts: otherwise nothing of the call would be stored. */
function withId(entry: LoggedMessage, externalId: string): LoggedMessage {
  const tool = toolOf(entry)
  if (tool) {
    const { input, output } = tool
    return { tool: { ...tool, externalId, ...defined({ input: cut(input), output: cut(output) }) } }
  }
  const chat = chatOf(entry)
  return chat ? { ...chat, externalId, content: chat.content.slice(0, MAX_CONTENT) } : entry
}

function cut(value: unknown): unknown {
  if (value === undefined) return value
  const text = JSON.stringify(value)
  return text.length <= MAX_TOOL_CHARACTERS ? value : `${text.slice(0, MAX_TOOL_CHARACTERS)}…`
}

/** 64 bits of a text, by FNV-1a in two halves. */
function hash(text: string): string {
  let high = 0x811c9dc5
  let low = 0xcbf29ce4
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 0x01000193)
    low = Math.imul(low ^ code, 0x85ebca6b)
  }
  return (high >>> 0).toString(36) + (low >>> 0).toString(36)
}
