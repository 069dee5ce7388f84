import type { ConversationFilter } from '../../client/generated/schema-types.ts'
import { toCsv } from '../kit.ts'
import { type ConversationRow, excerptOf, namesOf } from './conversation-row.ts'

const FIELDS = [
  ...(['id', 'externalId', 'status', 'channel', 'title', 'startedAt', 'durationMs'] as const),
  ...(['messageCount', 'sentimentLabel', 'endUserId'] as const),
]

/** The conversations that are loaded, with exact values, and the filter that they match. */
export function conversationsCsv(rows: readonly ConversationRow[], filter: ConversationFilter): string {
  const conditions = Object.keys(filter).length > 0 ? JSON.stringify(filter) : null
  const cells = (row: ConversationRow) => [
    ...FIELDS.map((field) => row[field]),
    ...[namesOf(row.agents), excerptOf(row), conditions],
  ]
  return toCsv([[...FIELDS, 'agents', 'excerpt', 'filter'], ...rows.map(cells)])
}
