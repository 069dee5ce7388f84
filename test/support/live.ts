import { onTestFinished } from 'vitest'
import type { Credential, GraphQLErrorShape, TestServer } from './server.ts'

/** One answer of a subscription. */
export interface LiveAnswer {
  // Answers have the shape that the test's own document asked for.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  data?: any
  errors?: GraphQLErrorShape[]
}

/** An open subscription, as a client of server-sent events reads it. */
export interface Live {
  status: number
  headers: Headers
  /** The next answer; null when the server has completed. Waits for it. */
  next(): Promise<LiveAnswer | null>
  /** What the next answer holds; throws when that is an error, or the end. */
  data(): Promise<NonNullable<LiveAnswer['data']>>
  /** As a page that is closed. */
  close(): Promise<void>
}

/** Subscribes. The stream is closed with the test at the latest. */
export async function follow(
  server: Pick<TestServer, 'fetch'>,
  { key, tenantId }: Credential,
  query: string,
  variables?: Record<string, unknown>,
): Promise<Live> {
  const response = await server.fetch('/graphql', {
    method: 'POST',
    headers: {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...(tenantId ? { 'x-tenant-id': tenantId } : {}),
    },
    body: JSON.stringify({ query, variables }),
  })
  const live = readEvents(response)
  onTestFinished(live.close)
  return live
}

export function readEvents(response: Response): Live {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (!reader) throw new Error('there is no body')
  let text = ''
  const live: Live = {
    status: response.status,
    headers: response.headers,
    async next() {
      for (;;) {
        const end = text.indexOf('\n\n')
        if (end === -1) {
          const { value, done } = await reader.read()
          if (done) throw new Error('the stream broke off without completing')
          text += value
          continue
        }
        const event = text.slice(0, end)
        text = text.slice(end + 2)
        if (event.startsWith('event: next\ndata: ')) return JSON.parse(event.slice('event: next\ndata: '.length))
        if (event.startsWith('event: complete')) return null
      }
    },
    async data() {
      const answer = await live.next()
      if (!answer?.data) throw new Error(`no data, but ${JSON.stringify(answer)}`)
      return answer.data
    },
    close: () => reader.cancel(),
  }
  return live
}
