import type { ChatMessageInput, MessageInput, MessageRole, ToolCallInput } from '../generated/schema-types.ts'
import { type GivenFile, nameFile, readFile } from './files.ts'
import { asText, type ConvertOptions, MAX_NAME, nameOf, textOf } from './values.ts'

interface Head<Name> {
  role: MessageRole
  id?: Name
  authorName?: Name
  model?: Name
  timestamp?: Date | string | undefined
  metadata?: Record<string, unknown> | undefined
}

/** What is known of a message before its content. */
export type MessageHead = Head<unknown>

export interface Outcome {
  output?: unknown
  /** If it failed: the reason, or what was returned instead. */
  error?: unknown
}

export interface GivenCall {
  id?: unknown
  name: unknown
  input?: unknown
  timestamp?: Date | string | undefined
  /** What its result names it by, if that is not its id. */
  key?: unknown
  /** What came of it, if no result follows. */
  outcome?: Outcome | undefined
}

export interface GivenResult extends Outcome {
  /** What names the call: its id, or its key. */
  of: unknown
  name?: unknown
  timestamp?: Date | string | undefined
}

const MAX_ATTACHMENTS = 20

/**
 * Builds the entries of a transcript from messages as formats hold them: messages with texts, files and tool calls in
 * any order, and results that come later.
 */
export class TranscriptBuilder {
  readonly #entries: MessageInput[] = []
  readonly #lose: (kind: string) => void
  readonly #maxAttachments: number
  readonly #ids = new Set<string>()
  /** Calls without a result, by what names them. */
  readonly #waiting = new Map<string, ToolCallInput[]>()
  readonly #toolNames = new Map<string, string>()
  #head: Head<string | undefined> | null = null
  #text: string | null = null
  #attachments: NonNullable<ChatMessageInput['attachments']> = []
  #firstEntry: MessageInput | null = null
  /** Whether the message has an entry, or completed an earlier one. */
  #hasEntry = false
  /** Reasoning that no tool call has followed so far. */
  #thoughts: string[] = []

  /** `namesFiles`: files are named in the text even if they could be linked. */
  constructor(options: (ConvertOptions & { namesFiles?: boolean }) | null) {
    this.#lose = options?.onLoss ?? (() => {})
    this.#maxAttachments = options?.namesFiles ? 0 : MAX_ATTACHMENTS
  }

  lose(kind: string) {
    this.#lose(kind)
  }

  begin(head: MessageHead) {
    this.#endMessage()
    if (head.role !== 'ASSISTANT') this.#dropThoughts()
    const { id, authorName, model, ...others } = head
    this.#head = { ...others, id: this.#id(id), authorName: this.#name(authorName), model: this.#name(model) }
    this.#hasEntry = false
  }

  say(text: string | undefined, separator = '\n') {
    if (text !== undefined) this.#text = this.#text === null ? text : this.#text + separator + text
  }

  /** A text of a kind that formats hold apart from the content. */
  sayText(value: unknown, kind: string) {
    if (value != null && typeof value !== 'string') this.#lose(kind)
    this.say(textOf(value))
  }

  attach(file: GivenFile) {
    const read = readFile({ ...file, name: this.#name(file.name) })
    if ('text' in read) {
      this.say(read.text)
      if (read.loss !== null) this.#lose(read.loss)
    } else if (this.#attachments.length < this.#maxAttachments) this.#attachments.push(read.attachment)
    else this.say(nameFile(file.kind, [read.attachment.name, read.attachment.url]))
  }

  /** Reasoning: the thought of the tool call that follows it. */
  think(text: string | undefined) {
    if (text === undefined) this.#lose('reasoning')
    else this.#thoughts.push(text)
  }

  call({ id, name, input, timestamp, key = id, outcome }: GivenCall) {
    this.#endChat()
    const tool: ToolCallInput = {
      ...this.#externalId(this.#id(id)),
      name: this.#name(name) ?? 'unknown',
      ...(input !== undefined && { input }),
      ...(this.#thoughts.length > 0 && { thought: this.#thoughts.join('\n') }),
      ...(timestamp !== undefined && { timestamp }),
      ...(outcome && known(outcome)),
    }
    this.#thoughts = []
    this.#add({ tool })
    if (outcome) return
    const waiting = this.#waiting.get(asText(key))
    if (waiting) waiting.push(tool)
    else this.#waiting.set(asText(key), [tool])
    this.#toolNames.set(asText(key), tool.name)
  }

  result({ of, name, timestamp, ...outcome }: GivenResult) {
    const call = this.#waiting.get(asText(of))?.shift()
    if (call) {
      Object.assign(call, known(outcome))
      this.#hasEntry = true
      return
    }
    this.#endChat()
    this.#lose('tool result without its call')
    // The call may have been logged before: with its id, this would be left out as the same entry.
    const id = this.#id(of)
    this.#add({
      tool: {
        ...this.#externalId(id && this.#id(`${id}:result`)),
        name: this.#name(name) ?? this.#toolNames.get(asText(of)) ?? 'unknown',
        ...known(outcome),
        ...(timestamp !== undefined && { timestamp }),
      },
    })
  }

  end(): MessageInput[] {
    this.#endMessage()
    this.#dropThoughts()
    return this.#entries
  }

  #endMessage() {
    // A message without content is a message all the same.
    if (this.#head && !this.#hasEntry && this.#thoughts.length === 0) this.#text ??= ''
    this.#endChat()
    if (this.#head?.metadata) this.#keepMetadata(this.#head.metadata)
    this.#head = null
    this.#firstEntry = null
  }

  /** A message may have no text, but only calls of tools, or what came of earlier ones. */
  #keepMetadata(metadata: Record<string, unknown>) {
    const entry = this.#firstEntry?.chat ?? this.#firstEntry?.tool
    if (entry) entry.metadata = metadata
    else {
      this.#text = ''
      this.#endChat()
    }
  }

  /** Texts and files before and after a tool call are messages of their own. */
  #endChat() {
    if (this.#text === null && this.#attachments.length === 0) return
    const { role, id, timestamp, metadata, authorName, model }: Head<string | undefined> = this.#head ?? {
      role: 'ASSISTANT',
    }
    if (this.#head) this.#head = { ...this.#head, metadata: undefined }
    this.#add({
      chat: {
        ...this.#externalId(id),
        role,
        content: this.#text ?? '',
        ...(this.#attachments.length > 0 && { attachments: this.#attachments }),
        ...(authorName !== undefined && { authorName }),
        ...(model !== undefined && { model }),
        ...(timestamp !== undefined && { timestamp }),
        ...(metadata && { metadata }),
      },
    })
    this.#text = null
    this.#attachments = []
  }

  #add(entry: MessageInput) {
    this.#entries.push(entry)
    this.#firstEntry ??= entry
    this.#hasEntry = true
  }

  #dropThoughts() {
    for (const _ of this.#thoughts) this.#lose('reasoning')
    this.#thoughts = []
  }

  /** An id that is cut would be another one. */
  #id(value: unknown): string | undefined {
    if (typeof value === 'string' && value.length > MAX_NAME) this.#lose('long id')
    return nameOf(value)
  }

  #name(value: unknown): string | undefined {
    if (typeof value !== 'string' || value.length <= MAX_NAME) return nameOf(value)
    this.#lose('long name')
    // Not half of a character of two.
    return nameOf(value.slice(0, MAX_NAME).replace(/[\uD800-\uDBFF]$/, ''))
  }

  /** Entries with the same id would be the same entry, but formats use ids again, and messages are divided. */
  #externalId(id: string | undefined): { externalId?: string } {
    if (id === undefined) return {}
    let unique: string | undefined = id
    for (let n = 2; unique !== undefined && this.#ids.has(unique); n += 1) unique = this.#id(`${id}#${n}`)
    if (unique === undefined) return {}
    this.#ids.add(unique)
    return { externalId: unique }
  }
}

/** An error that says nothing would mean that the call succeeded. */
const known = ({ output, error }: Outcome) => ({
  ...(output !== undefined && { output }),
  ...(error != null && { error: asText(error).trim() === '' ? 'failed' : asText(error) }),
})
