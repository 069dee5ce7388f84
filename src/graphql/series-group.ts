import type { Context } from '../context.ts'
import { encodeId } from '../domain/ids.ts'
import type { Group, GroupBy, SeriesLine } from '../domain/series.ts'

/** A group as clients see it. */
export interface LabelledGroup {
  key: unknown
  label: string
  other: boolean
}

/** Names the groups of lines for people: agents by their names. */
export async function labelGroups(
  context: Context,
  groupBy: GroupBy | null,
  lines: readonly SeriesLine[],
): Promise<(group: Group) => LabelledGroup> {
  const names = groupBy?.dimension === 'AGENT' ? await agentNames(context, lines) : null
  return ({ key, other }) => {
    if (other) return { key: null, label: 'Other', other }
    if (key === null) return { key, label: 'None', other }
    if (names) return { key: encodeId('Agent', key), label: names.get(key) ?? encodeId('Agent', key), other }
    if (!groupBy?.metadataPath) return { key, label: key, other }
    const value: unknown = JSON.parse(key)
    return { key: value, label: typeof value === 'string' ? value : key, other }
  }
}

async function agentNames(context: Context, lines: readonly SeriesLine[]): Promise<Map<string, string>> {
  const ids = new Set(lines.flatMap(({ group }) => group?.key ?? []))
  const agents = await context.db.agent.findMany({ where: { id: { in: [...ids] } }, select: { id: true, name: true } })
  return new Map(agents.map(({ id, name }) => [id, name]))
}
