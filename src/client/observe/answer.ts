import type { OpenAIItem, OpenAIToolCall } from './messages.ts'

/** What a model answered. */
export interface OpenAIAnswer {
  items: readonly OpenAIItem[]
  id?: string | undefined
  model?: string | undefined
  /** Why it ended, in the provider's words. */
  finishReason?: string | undefined
  promptTokens?: number | undefined
  completionTokens?: number | undefined
}

/** Of a completion or a response. */
export function answerOf(value: unknown): OpenAIAnswer {
  const { id, model, choices, output, status, incomplete_details, usage } = (value ?? {}) as Answered
  const choice = choices?.find(({ index }) => (index ?? 0) === 0)
  return {
    items: choice?.message ? [choice.message] : (output ?? []),
    ...{ id, model },
    finishReason: choice ? (choice.finish_reason ?? undefined) : (incomplete_details?.reason ?? status),
    promptTokens: usage?.prompt_tokens ?? usage?.input_tokens,
    completionTokens: usage?.completion_tokens ?? usage?.output_tokens,
  }
}

interface Answered {
  id?: string
  model?: string
  choices?: readonly { index?: number; finish_reason?: string | null; message?: OpenAIItem }[]
  output?: readonly OpenAIItem[]
  status?: string
  incomplete_details?: { reason?: string } | null
  usage?: {
    prompt_tokens?: number
    input_tokens?: number
    completion_tokens?: number
    output_tokens?: number
  } | null
}

interface Delta {
  content?: string | null
  refusal?: string | null
  tool_calls?: readonly (OpenAIToolCall & { index?: number })[] | null
}

/** A chunk of Chat Completions, or an event of Responses. */
interface Chunk extends Omit<Answered, 'choices'> {
  choices?: readonly { index?: number; finish_reason?: string | null; delta?: Delta }[]
  type?: string
  delta?: string
  item?: OpenAIItem
  response?: Answered
}

/** More than that of an answer is not stored. */
const MAX_CHARACTERS = 262_144

/** Puts a streamed answer together. */
export class StreamedAnswer {
  #latest: Answered = {}
  #finishReason: string | undefined
  readonly #text = { content: '', refusal: '' }
  readonly #calls = new Map<number, { id: string; function: { name: string; arguments: string } }>()
  readonly #items: OpenAIItem[] = []
  #isComplete = false
  /** Whether there is a part of the answer already. */
  hasBegun = false

  /** Whether the model came to its end. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  get answer(): OpenAIAnswer {
    const { choices, output, ...latest } = this.#latest
    // Only the event at the end of a response has its output.
    if (output && this.#isComplete) return answerOf({ ...latest, output })
    const { content, refusal } = this.#text
    const message = {
      role: 'assistant',
      ...{ content: content || null, refusal: refusal || null },
      tool_calls: [...this.#calls.values()],
    }
    const begun = content || refusal || this.#calls.size > 0 ? [message] : []
    return { ...answerOf(latest), items: [...this.#items, ...begun], finishReason: this.#finishReason }
  }

  add(value: unknown): void {
    const chunk = value as Chunk
    const { type, choices, response } = chunk
    if (type === undefined) {
      const { id, model, usage } = chunk
      this.#latest = { ...this.#latest, ...(id && { id }), ...(model && { model }), ...(usage && { usage }) }
      const choice = choices?.find(({ index }) => (index ?? 0) === 0)
      if (choice?.delta) this.#addDelta(choice.delta)
      if (choice?.finish_reason) this.#finish(choice.finish_reason)
      return
    }
    if (response) this.#latest = response
    if (type === 'response.output_text.delta') this.#addDelta({ content: chunk.delta ?? '' })
    if (type === 'response.refusal.delta') this.#addDelta({ refusal: chunk.delta ?? '' })
    if (type === 'response.output_item.done' && chunk.item) {
      this.#items.push(chunk.item)
      // It holds what was collected of it.
      if (chunk.item.role) Object.assign(this.#text, { content: '', refusal: '' })
      this.hasBegun = true
    }
    if (/^response\.(completed|incomplete|failed)$/.test(type)) this.#finish(response?.status)
  }

  #addDelta({ content, refusal, tool_calls }: Delta) {
    if (content || refusal || tool_calls?.length) this.hasBegun = true
    this.#text.content = joined(this.#text.content, content)
    this.#text.refusal = joined(this.#text.refusal, refusal)
    for (const { index = 0, id, function: called, custom } of tool_calls ?? []) {
      const call = this.#calls.get(index) ?? { id: '', function: { name: '', arguments: '' } }
      this.#calls.set(index, call)
      call.id ||= id ?? ''
      call.function.name ||= called?.name ?? custom?.name ?? ''
      call.function.arguments = joined(call.function.arguments, called?.arguments ?? custom?.input)
    }
  }

  #finish(reason: string | undefined) {
    this.#finishReason = reason
    this.#isComplete = true
  }
}

const joined = (text: string, more: string | null | undefined) =>
  !more || text.length >= MAX_CHARACTERS ? text : text + more
