import type { GraphQLSchema } from 'graphql'
import type { Context } from '../context.ts'
import { throughPrisma } from '../database/sql-transactions.ts'
import { badInput, type InputPath, limitExceeded, ParleyError } from '../errors.ts'
import { checkDocument } from '../http/limits/document-limits.ts'
import { checkCount, checkName } from '../input/check-input.ts'
import { newUuid } from '../input/ids.ts'
import { LIMITS } from '../input/limits.ts'
import { HASH, hashOf } from './document-hash.ts'
import {
  type DocumentRow,
  deleteDocuments as deleteRows,
  insertDocuments,
  lockDocuments,
  type NewDocument,
} from './trusted-documents.sql.ts'

export interface RegisterDocumentInput {
  document: string
  name?: string | null | undefined
}

/** The transaction and the owner of the documents that a request manages: its tenant or, without one, the account. */
export const documentsOf = (context: Context) => ({
  owner: context.tenantIdOrNull,
  statements: throughPrisma(context.tenantIdOrNull === null ? context.account : context.db),
})

/** Stores the documents that the owner has not registered yet. Returns the row of each, and the hashes of the new ones. */
export async function registerDocuments(
  context: Context,
  schema: GraphQLSchema,
  input: { documents: RegisterDocumentInput[] },
): Promise<{ documents: DocumentRow[]; created: string[] }> {
  const { owner, statements } = documentsOf(context)
  const path = ['input', 'documents']
  checkCount(input.documents, LIMITS.documentsPerCall, path)
  const given: NewDocument[] = []
  for (const [index, { document, name = null }] of input.documents.entries()) {
    if (name !== null) checkName(name, [...path, index, 'name'])
    await context.piece(() => checkRegistered(schema, document, [...path, index, 'document']))
    given.push({ id: newUuid(), sha256: hashOf(document), document, name })
  }
  const { count, known } = await lockDocuments(
    statements,
    owner,
    given.map(({ sha256 }) => sha256),
  )
  const rows = new Map(known.map((row) => [row.sha256, row]))
  const added: NewDocument[] = []
  for (const row of given) {
    if (rows.has(row.sha256)) continue
    rows.set(row.sha256, { ...row, createdAt: context.now, isOfAccount: owner === null })
    added.push(row)
  }
  if (count + added.length > LIMITS.documents) {
    const message = `would make ${count + added.length} registered documents; at most ${LIMITS.documents} are accepted.`
    throw limitExceeded(path, message, LIMITS.documents)
  }
  if (added.length > 0) await insertDocuments(statements, owner, added, context.now)
  return {
    documents: given.flatMap(({ sha256 }) => rows.get(sha256) ?? []),
    created: added.map(({ sha256 }) => sha256),
  }
}

/** Returns the hashes of those that were registered. */
export async function deleteDocuments(context: Context, hashes: readonly string[]): Promise<string[]> {
  const { owner, statements } = documentsOf(context)
  const path = ['input', 'sha256Hashes']
  checkCount(hashes, LIMITS.documentsPerCall, path)
  for (const [index, hash] of hashes.entries()) {
    if (!HASH.test(hash)) throw badInput([...path, index], 'is not a SHA-256 hash in lower-case hexadecimal.')
  }
  return deleteRows(statements, owner, hashes)
}

/** Refuses a document that could never be sent. */
function checkRegistered(schema: GraphQLSchema, document: string, path: InputPath) {
  try {
    checkDocument(schema, document)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const limit = error instanceof ParleyError ? error.extensions['limit'] : null
    throw typeof limit === 'number' ? limitExceeded(path, error.message, limit) : badInput(path, error.message)
  }
}
