import { Prisma } from '../database/generated/client/client.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { ownRows } from '../database/tenant-scope.ts'
import { INDEXED_CHARACTERS } from '../metadata/metadata-entries.ts'
import { type ConversationFilter, type FilterScope, filterConversations } from './conversation-filter.sql.ts'

export interface MetadataKeyRow {
  path: string
  conversations: number
  values: number
  /** Most frequent first, with values as metadata-entries.ts writes them. */
  top: { value: string; count: number }[]
}

const { sql, empty } = Prisma

/** The keys in use, most used first, each with its most frequent values. One pass over the tenant's entries. */
export async function metadataKeys(
  statements: Statements,
  options: { scope: FilterScope; filter: ConversationFilter | null; keys: number; values: number },
): Promise<MetadataKeyRow[]> {
  const within =
    options.filter || options.scope.rowRestriction
      ? sql`AND e.conversation_id IN (SELECT c.id FROM conversations c WHERE ${filterConversations(options.filter ?? {}, options.scope)})`
      : empty
  return statements.run<MetadataKeyRow>(sql`
    WITH counted AS (
      SELECT e.path, e.value, count(*)::int AS count FROM conversation_metadata e
      WHERE ${ownRows(options.scope.tenantId, 'e')} ${within} GROUP BY e.path, e.value
    ), shown AS (
      -- Values that the index holds whole: not objects, arrays, array elements, or strings that may be cut off.
      SELECT *, value NOT IN ('o', 'a') AND value NOT LIKE 'e%' AND char_length(value) <= ${INDEXED_CHARACTERS}::integer AS whole
      FROM counted
    ), ranked AS (
      SELECT *, row_number() OVER (PARTITION BY path, whole ORDER BY count DESC, value) AS rank FROM shown
    )
    SELECT path,
      -- Except for array elements, a conversation has one entry per path.
      (sum(count) FILTER (WHERE value NOT LIKE 'e%'))::int AS conversations,
      (count(*) FILTER (WHERE value NOT LIKE 'e%'))::int AS values,
      coalesce(
        json_agg(json_build_object('value', value, 'count', count) ORDER BY count DESC, value)
          FILTER (WHERE whole AND rank <= ${options.values}), '[]') AS top
    FROM ranked GROUP BY path ORDER BY conversations DESC, path LIMIT ${options.keys}`)
}
