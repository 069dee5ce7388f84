import {
  type ConversationFilter,
  type FilterScope,
  filterConversations,
} from '../conversations/conversation-filter.sql.ts'
import { Prisma } from '../database/generated/client/client.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { type ConversationKeys, conversationKeys, type Dimension } from './dimensions.sql.ts'

/** The dimensions whose groups a filter can select. */
export type FacetField = Exclude<Dimension, 'MESSAGE_LANGUAGE' | 'FIRST_INTENT'>

export interface FacetRow {
  /** The index of the field. */
  field: number
  /** As in `dimensions.sql.ts`. */
  key: string
  conversations: number
}

const { sql, join } = Prisma

/** The most frequent values of each field. One pass over the conversations, whose filter may be the most expensive part. */
export function facetValues(
  statements: Statements,
  { filter, scope, fields }: { filter: ConversationFilter; scope: FilterScope; fields: readonly FacetField[] },
  limit: number,
): Promise<FacetRow[]> {
  const keys = fields.map((field, i) => sql`SELECT ${i}::integer, ${keysOf(conversationKeys(field, scope))}`)
  return statements.run<FacetRow>(sql`
    SELECT field, key, conversations FROM (
      SELECT own.field, own.key COLLATE "C" AS key, count(*)::int AS conversations,
        row_number() OVER (PARTITION BY own.field ORDER BY count(*) DESC, own.key COLLATE "C") AS rank
      FROM conversations c CROSS JOIN LATERAL (${join(keys, ' UNION ALL ')}) AS own (field, key)
      WHERE ${filterConversations(filter, scope)} AND own.key IS NOT NULL
      GROUP BY own.field, own.key COLLATE "C"
    ) ranked
    WHERE rank <= ${limit} ORDER BY field, rank`)
}

/** A conversation counts once for each of its values. */
const keysOf = (by: ConversationKeys) =>
  'one' in by ? by.one : sql`key FROM (SELECT DISTINCT key FROM (${by.each}) AS each (key)) AS keys`
