import type { Credential, TestServer } from '../support/server.ts'
import type { Document } from './select-everything.ts'

/** Asks, and answers the whole text; of a subscription, the first event's. */
export async function send(
  server: Pick<TestServer, 'fetch'>,
  { key, tenantId }: Credential,
  { query, variables }: Pick<Document, 'query' | 'variables'>,
): Promise<{ status: number; text: string }> {
  const response = await server.fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...(tenantId ? { 'x-tenant-id': tenantId } : {}),
    },
    body: JSON.stringify({ query, variables }),
  })
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false
  const text = isStream ? await firstEvent(response) : await response.text()
  return { status: response.status, text: readable(text) }
}

async function firstEvent({ body }: Response): Promise<string> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { value: undefined, done: true }
    text += value ?? ''
    const [, event] = /^data: (.*)\n\n/m.exec(text) ?? []
    if (event === undefined && !done) continue
    await reader?.cancel()
    return event ?? text
  }
}

/** Cursors and tokens are base64: what they hold counts as seen. */
export const readable = (text: string) =>
  text
    .replace(/"(Wy[\w-]{10,})"/g, (match, cursor: string) =>
      decoded(cursor).startsWith('["') ? decoded(cursor) : match,
    )
    .replace(
      /"(eyJ[\w-]+)\.(eyJ[\w-]+)\.[\w-]+"/g,
      (_match, header: string, claims: string) => decoded(header) + decoded(claims),
    )

const decoded = (base64: string) => Buffer.from(base64, 'base64url').toString()
