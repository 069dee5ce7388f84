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
