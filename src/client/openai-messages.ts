import type { LoggedMessage, LoggedToolCall } from './logged-input.ts'

/** What is read of a message of Chat Completions, or an item of Responses. */
export interface OpenAIItem {
  id?: string
  type?: string
  role?: string
  content?: unknown
  refusal?: string | null
  tool_calls?: readonly OpenAIToolCall[] | null
  tool_call_id?: string
  call_id?: string
  name?: string
  arguments?: string
  input?: string
  output?: unknown
}

export interface OpenAIToolCall {
  id?: string
  function?: { name?: string; arguments?: string }
  custom?: { name?: string; input?: string }
}

/** Messages of Chat Completions, or items of Responses, as entries of a transcript; tool calls with their results. */
export function messagesOf(items: readonly OpenAIItem[]): LoggedMessage[] {
  const entries: LoggedMessage[] = []
  const calls = new Map<string, LoggedToolCall>()
  const addCall = (id: string | undefined, name: string | undefined, input: string | undefined) => {
    const tool: LoggedToolCall = { ...(id && { externalId: id }), name: name ?? 'unknown', input: parsed(input ?? '') }
    if (id) calls.set(id, tool)
    entries.push({ tool })
  }
  for (const item of items) {
    const resultOf = resultIdOf(item)
    if (resultOf !== undefined) {
      const output = textOf(item.output ?? item.content)
      const call = calls.get(resultOf)
      if (call) call.output = parsed(output)
      else entries.push({ tool: { externalId: resultOf, name: item.name ?? 'unknown', output: parsed(output) } })
    } else if (item.type?.endsWith('_call')) {
      addCall(item.call_id ?? item.id, item.name ?? item.type.slice(0, -5), item.arguments ?? item.input)
    } else if (item.role !== undefined) {
      const content = textOf(item.content) || (item.refusal ?? '')
      if (content) entries.push({ role: item.role, content })
      for (const { id, function: called, custom } of item.tool_calls ?? [])
        addCall(id, called?.name ?? custom?.name, called?.arguments ?? custom?.input)
    }
  }
  return entries
}

/** The call that an item is the result of. */
export const resultIdOf = ({ type, call_id, tool_call_id }: OpenAIItem): string | undefined =>
  tool_call_id ?? (type?.endsWith('_output') ? call_id : undefined)

/** The calls of an item that the caller is to run: each as an item of its own, by its id. */
export function callsOf(item: OpenAIItem): [id: string, call: OpenAIItem][] {
  if (item.type?.endsWith('_call') && item.call_id) return [[item.call_id, item]]
  return (item.tool_calls ?? []).flatMap((call) =>
    call.id ? [[call.id, { role: 'assistant', tool_calls: [call] }]] : [],
  )
}

function textOf(content: unknown): string {
  if (content == null) return ''
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return JSON.stringify(content)
  const parts = content as readonly { type?: string; text?: string; refusal?: string }[]
  return parts.map(({ type, text, refusal }) => text ?? refusal ?? `[${type ?? 'unknown'}]`).join('\n')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
