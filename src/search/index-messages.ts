import type { Statements } from '../database/sql-transactions.ts'
import { TimeSlice } from '../fairness/time-slice.ts'
import { loadIndexBatch, storeSearchColumns } from './message-search.sql.ts'
import { toSearchColumns } from './search-columns.ts'
import { TOKENISER_VERSION } from './tokenise.ts'

/** Sorts before every other id. */
const NO_ID = '00000000-0000-0000-0000-000000000000'

/**
 * A step of a TenantJob: indexes the next messages of a tenant that this version of the tokeniser has not indexed. It
 * does not wait for messages that are being written to, but comes back to them.
 */
export async function indexMessages(db: Statements, tenantId: string, afterId: string | null): Promise<string | null> {
  const timeSlice = new TimeSlice({ charge: () => true, rested: () => {} })
  const { lastId, texts } = await loadIndexBatch(db, tenantId, {
    afterId: afterId ?? NO_ID,
    version: TOKENISER_VERSION,
  })
  const rows = []
  for (const { id, content } of texts) {
    rows.push({ id, ...(await toSearchColumns(content, timeSlice)) })
    if (timeSlice.isOver) await timeSlice.yieldToEventLoop()
  }
  await storeSearchColumns(db, tenantId, rows)
  return lastId
}
