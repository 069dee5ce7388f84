import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'

/** How the server answers a request. */
export type Reply = (response: ServerResponse, body: Record<string, unknown>) => void | Promise<void>

/** A server that speaks as OpenAI's does. */
export interface OpenAIServer {
  baseURL: string
  /** The replies to the next requests, in order. The last is for all that follow. */
  replies: Reply[]
  /** The bodies of the requests so far. */
  requests: Record<string, unknown>[]
  /** How many requests were cut by their clients. */
  aborted: number
  /** How many it has not answered yet. */
  open: number
}

export async function startOpenAIServer(): Promise<OpenAIServer> {
  const server: OpenAIServer = { baseURL: '', replies: [], requests: [], aborted: 0, open: 0 }
  const http = createServer(async (request, response) => {
    const body = JSON.parse(await textOf(request)) as Record<string, unknown>
    server.requests.push(body)
    server.open += 1
    response.on('close', () => {
      server.open -= 1
      if (!response.writableFinished) server.aborted += 1
    })
    response.setHeader('x-request-id', `req_${server.requests.length}`)
    const reply = server.replies.length > 1 ? server.replies.shift() : server.replies[0]
    await reply?.(response, body)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  afterAll(() => {
    http.closeAllConnections()
    http.close()
  })
  server.baseURL = `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`
  return server
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Reply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }

/** Server-sent events. `ending`: ends as it should, cuts the connection, or waits for ever. */
export const events =
  (chunks: readonly object[], ending: 'DONE' | 'CUT' | 'WAIT' = 'DONE'): Reply =>
  async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const chunk of chunks) {
      const { type } = chunk as { type?: string }
      response.write(`${type ? `event: ${type}\n` : ''}data: ${JSON.stringify(chunk)}\n\n`)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    if (ending === 'DONE') response.end('data: [DONE]\n\n')
    if (ending === 'CUT') response.destroy()
  }

export function completion(message: object, finish_reason = 'stop') {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-4o-2024-08-06',
    choices: [{ index: 0, finish_reason, message: { role: 'assistant', refusal: null, ...message } }],
    usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
  }
}

const chunk = (choices: object[], more: object = {}) => ({
  ...{ id: 'chatcmpl-2', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-2024-08-06' },
  choices,
  ...more,
})

export const deltas = (all: readonly object[], finish_reason = 'stop') => [
  chunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]),
  ...all.map((delta) => chunk([{ index: 0, delta, finish_reason: null }])),
  chunk([{ index: 0, delta: {}, finish_reason }]),
  chunk([], { usage: { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 } }),
]

export function response(output: readonly object[], more: object = {}) {
  return {
    ...{ id: 'resp_1', object: 'response', created_at: 1, model: 'gpt-4o-2024-08-06', status: 'completed' },
    ...{ error: null, incomplete_details: null, instructions: null, metadata: {}, tools: [], tool_choice: 'auto' },
    output,
    usage: { input_tokens: 11, output_tokens: 7, total_tokens: 18 },
    ...more,
  }
}

export const outputMessage = (text: string, status = 'completed') => ({
  ...{ id: 'msg_1', type: 'message', role: 'assistant', status },
  content: [{ type: 'output_text', text, annotations: [] }],
})

/** The events of a response whose text comes in these parts. */
export function responseEvents(parts: readonly string[]): object[] {
  const text = parts.join('')
  const at = { item_id: 'msg_1', output_index: 0, content_index: 0 }
  const steps: object[] = [
    { type: 'response.created', response: response([], { status: 'in_progress', usage: null }) },
    { type: 'response.output_item.added', output_index: 0, item: { ...outputMessage('', 'in_progress'), content: [] } },
    { type: 'response.content_part.added', ...at, part: { type: 'output_text', text: '', annotations: [] } },
    ...parts.map((delta) => ({ type: 'response.output_text.delta', ...at, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...at, text, logprobs: [] },
    { type: 'response.content_part.done', ...at, part: { type: 'output_text', text, annotations: [] } },
    { type: 'response.output_item.done', output_index: 0, item: outputMessage(text) },
    { type: 'response.completed', response: response([outputMessage(text)]) },
  ]
  return steps.map((step, sequence_number) => ({ ...step, sequence_number }))
}
