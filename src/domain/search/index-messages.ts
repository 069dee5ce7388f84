import { readIndexBatch, storeSearchColumns } from '../../database/message-search.ts'
import type { Statements } from '../../database/statements.ts'
import type { Pace } from '../pace.ts'
import { toSearchColumns } from './search-columns.ts'
import { TOKENISER_VERSION } from './tokenise.ts'

/**
 * Indexes the next messages of a tenant that no tokeniser of this version has. Returns the UUID to go on after; null: that
 * was all.
 */
export async function indexMessages(
  db: Statements,
  tenantId: string,
  afterId: string,
  pace: Pace,
): Promise<string | null> {
  const { lastId, texts } = await readIndexBatch(db, tenantId, { afterId, version: TOKENISER_VERSION })
  const rows = []
  for (const { id, content } of texts) {
    rows.push({ id, ...(await toSearchColumns(content, pace)) })
    if (pace.isOver) await pace.rest()
  }
  await storeSearchColumns(db, tenantId, rows)
  return lastId
}
