import type { Context } from '../context.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { encodeId } from '../input/ids.ts'
import { agentNames } from '../tenants/tenant-lookups.sql.ts'
import type { Group, GroupBy, SeriesLine } from './series.ts'

/** A group as clients see it. */
export interface LabelledGroup {
  key: unknown
  label: string
  other: boolean
}

/** Gives the groups of lines readable labels: agents get their names. */
export async function labelGroups(
  context: Context,
  statements: Statements,
  groupBy: GroupBy | null,
  lines: readonly Pick<SeriesLine, 'group'>[],
): Promise<(group: Group) => LabelledGroup> {
  const names = groupBy?.dimension === 'AGENT' ? await namesOf(context, statements, lines) : null
  return ({ key, other }) => {
    if (other) return { key: null, label: 'Other', other }
    if (key === null) return { key, label: 'None', other }
    if (names) return { key: encodeId('Agent', key), label: names.get(key) ?? encodeId('Agent', key), other }
    if (!groupBy?.metadataPath) return { key, label: key, other }
    const value: unknown = JSON.parse(key)
    return { key: value, label: typeof value === 'string' ? value : key, other }
  }
}

function namesOf({ tenantId }: Context, statements: Statements, lines: readonly Pick<SeriesLine, 'group'>[]) {
  const ids = new Set(lines.flatMap(({ group }) => group?.key ?? []))
  return agentNames(statements, tenantId, [...ids])
}
