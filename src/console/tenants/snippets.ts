/** The server that the snippets are for, and a tenant of it. */
export interface SnippetTarget {
  /** The GraphQL endpoint. */
  url: string
  tenantId: string
}

/** Shown in place of the key, which belongs only in a back end. */
export const KEY_PLACEHOLDER = 'paste the key here'

/** In JavaScript. */
const quoted = (text: string) => (/['\\]/.test(text) ? JSON.stringify(text) : `'${text}'`)
/** In a shell. */
const shellQuoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

export const PAGE_SNIPPET = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Conversations</title>
    <script type="module" src="parley.js"></script>
  </head>
  <body>
    <parley-dashboard live></parley-dashboard>
  </body>
</html>`

export const scriptSnippet = ({ url }: SnippetTarget): string => `import { configure } from ${quoted(entryUrl(url))}

configure({
  url: ${quoted(url)},
  fetchToken: async ({ signal }) => (await fetch('/parley-token', { method: 'POST', signal })).json(),
})`

const entryUrl = (url: string) => new URL('embed/v1.js', url).href

export const backEndSnippet = ({ url, tenantId }: SnippetTarget): string => `import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { Parley } from 'parley-client'

const parley = new Parley({ url: ${quoted(url)}, apiKey: process.env.PARLEY_KEY, tenantId: ${quoted(tenantId)} })
const CREATE_TOKEN = \`mutation ($input: CreateEmbedTokenInput!) {
  createEmbedToken(input: $input) { token expiresInSeconds }
}\`

async function createToken() {
  // Check your own session here: who is signed in, and for which customer.
  const input = { subject: 'ada@acme.example', expiresInSeconds: 600, documents: 'COMPONENTS' }
  return (await parley.query(CREATE_TOKEN, { input })).createEmbedToken
}

createServer(async ({ method, url }, response) => {
  const send = (type, body) => response.setHeader('content-type', type).end(body)
  if (url === '/') return send('text/html', readFileSync('index.html'))
  if (url === '/parley.js') return send('text/javascript', readFileSync('parley.js'))
  if (method !== 'POST' || url !== '/parley-token') return response.writeHead(404).end()
  try {
    send('application/json', JSON.stringify(await createToken()))
  } catch (error) {
    console.error(error)
    response.writeHead(502).end()
  }
}).listen(3000)`

/** Logs a conversation. Running it again changes nothing. */
export const logSnippet = ({ url, tenantId }: SnippetTarget): string => `PARLEY_KEY='${KEY_PLACEHOLDER}'
echo "Authorization: Bearer $PARLEY_KEY" | curl -sS ${shellQuoted(url)} -H @- -H ${shellQuoted(`X-Tenant-Id: ${tenantId}`)} \\
  -H 'Content-Type: application/json' -d '{
  "query": "mutation Log($input: LogConversationInput!) { logConversation(input: $input) { created conversation { id status } } }",
  "variables": { "input": {
    "externalId": "first-conversation",
    "idempotencyKey": "first-conversation",
    "messages": [
      { "chat": { "role": "USER", "content": "Where is my order?" } },
      { "chat": { "role": "ASSISTANT", "content": "It left our warehouse this morning." } }
    ]
  } }
}'`
