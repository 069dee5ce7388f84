import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { StringDecoder } from 'node:string_decoder'

/** A connection of its own for each stream, as each page has. */
const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY })

export interface Subscription {
  origin: string
  headers: Record<string, string>
  query: string
}

/** An open subscription. Whoever pauses it reads nothing from its socket any more. */
export interface EventStream {
  pause(): void
  close(): void
}

const NEXT = 'event: next\ndata: '

/** Subscribes, and passes on each answer as text; resolves after the first one. */
export async function openEventStream(
  { origin, headers, query }: Subscription,
  onAnswer: (text: string) => void,
): Promise<EventStream> {
  const sent = request(`${origin}/graphql`, {
    agent,
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
  })
  sent.end(JSON.stringify({ query }))
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const first = Promise.withResolvers<void>()
  const decoder = new StringDecoder()
  let rest = ''
  response.on('error', () => {})
  response.on('close', () => first.reject(new Error('the stream ended before its first answer')))
  response.on('data', (chunk: Buffer) => {
    rest += decoder.write(chunk)
    for (let end = rest.indexOf('\n\n'); end !== -1; end = rest.indexOf('\n\n')) {
      const event = rest.slice(0, end)
      rest = rest.slice(end + 2)
      if (!event.startsWith(NEXT)) continue
      onAnswer(event.slice(NEXT.length))
      first.resolve()
    }
  })
  await first.promise
  return {
    pause: () => void response.pause().socket.pause(),
    close: () => void sent.destroy(),
  }
}
