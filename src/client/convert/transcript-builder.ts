import type { ChatMessageInput, MessageInput, MessageRole, ToolCallInput } from '../generated/schema-types.ts'
import { type GivenFile, nameFile, readFile } from './files.ts'
import { asText, type ConvertOptions, nameOf } from './values.ts'

/** What is known of a message before its content. */
export interface MessageHead {
  role: MessageRole
  id?: unknown
  authorName?: unknown
  model?: unknown
  timestamp?: Date | string | undefined
  metadata?: Record<string, unknown> | undefined
}

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
  #head: MessageHead | null = null
  #text: string | null = null
  #attachments: NonNullable<ChatMessageInput['attachments']> = []
  #firstEntry: MessageInput | null = null
  /** Whether the message has an entry, or completed an earlier one. */
  #hasEntry = false
  /** Reasoning that no tool call has followed so far. */
  #thoughts: string[] = []

  /** `namesFiles`: files are named in the text even if they could be linked. */
  constructor({ onLoss = () => {}, namesFiles = false }: ConvertOptions & { namesFiles?: boolean }) {
    this.#lose = onLoss
    this.#maxAttachments = namesFiles ? 0 : MAX_ATTACHMENTS
  }

  lose(kind: string) {
    this.#lose(kind)
  }

  begin(head: MessageHead) {
    this.#endMessage()
    if (head.role !== 'ASSISTANT') this.#dropThoughts()
    this.#head = head
    this.#hasEntry = false
  }

  say(text: string | undefined, separator = '\n') {
    if (text !== undefined) this.#text = this.#text === null ? text : this.#text + separator + text
  }

  attach(file: GivenFile) {
    const read = readFile(file)
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
      ...this.#externalId(nameOf(id)),
      name: nameOf(name) ?? 'unknown',
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
    const id = nameOf(of)
    this.#add({
      tool: {
        ...this.#externalId(id && nameOf(`${id}:result`)),
        name: nameOf(name) ?? this.#toolNames.get(asText(of)) ?? 'unknown',
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
    const { role, id, timestamp, metadata, ...names }: MessageHead = this.#head ?? { role: 'ASSISTANT' }
    const [authorName, model] = [nameOf(names.authorName), nameOf(names.model)]
    if (this.#head) this.#head = { ...this.#head, metadata: undefined }
    this.#add({
      chat: {
        ...this.#externalId(nameOf(id)),
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

  /** Entries with the same id would be the same entry, but formats use ids again, and messages are divided. */
  #externalId(id: string | undefined): { externalId?: string } {
    if (id === undefined) return {}
    let unique: string | undefined = id
    for (let n = 2; unique !== undefined && this.#ids.has(unique); n += 1) unique = nameOf(`${id}#${n}`)
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
