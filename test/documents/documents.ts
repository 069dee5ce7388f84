import { createHash } from 'node:crypto'
import type { Answer, Ask, TestServer } from '../support/server.ts'

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

export const REGISTER = `mutation ($input: RegisterDocumentsInput!) {
  registerDocuments(input: $input) { createdCount documents { sha256Hash document name belongsToAccount createdAt } }
}`
export const DELETE =
  'mutation ($input: DeleteDocumentsInput!) { deleteDocuments(input: $input) { deletedSha256Hashes } }'
export const LIST = `query ($first: Int, $after: String, $last: Int, $before: String) {
  trustedDocuments(first: $first, after: $after, last: $last, before: $before) {
    nodes { sha256Hash document name belongsToAccount } totalCount pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}`

export const register = (ask: Ask, ...documents: string[]) =>
  ask(REGISTER, { input: { documents: documents.map((document) => ({ document })) } })

export const remove = (ask: Ask, ...documents: string[]) =>
  ask(DELETE, { input: { sha256Hashes: documents.map(sha256) } })

/** A token that may send only registered documents. */
export async function strictToken(ask: Ask, input: object = {}): Promise<string> {
  const { data, errors } = await ask(
    'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }',
    { input: { documents: 'REGISTERED', ...input } },
  )
  if (errors) throw new Error(JSON.stringify(errors))
  return data.createEmbedToken.token
}

/** Sends parameters as they are. */
export async function send(
  server: Pick<TestServer, 'fetch'>,
  key: string | null,
  params: object,
  { method = 'POST', accept = 'application/json' } = {},
): Promise<Answer> {
  const isGet = method === 'GET'
  const inUrl = Object.entries(params).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  const response = await server.fetch(isGet ? `/graphql?${new URLSearchParams(inUrl)}` : '/graphql', {
    method,
    headers: { accept, 'content-type': 'application/json', ...(key ? { authorization: `Bearer ${key}` } : {}) },
    ...(isGet ? {} : { body: JSON.stringify(params) }),
  })
  const text = await response.text()
  // An event stream that ends with its first event.
  const json = text.startsWith('{') ? text : (/^data: (.*)$/m.exec(text)?.[1] ?? '{}')
  return { status: response.status, headers: response.headers, ...JSON.parse(json) }
}

/** The parameters that name a document by its hash, as Apollo Client sends them. */
export const byHash = (document: string) => ({
  extensions: { persistedQuery: { version: 1, sha256Hash: sha256(document) } },
})
