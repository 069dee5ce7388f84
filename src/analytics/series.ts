import type { ConversationFilter, FilterScope } from '../conversations/conversation-filter.sql.ts'
import type { Statements } from '../database/sql-transactions.ts'
import {
  type Cell,
  countEndUsers,
  countNewEndUsers,
  durationPercentiles,
  frequentKeys,
  type Grouping,
  latencyPercentiles,
  type Selection,
  sumConversations,
} from './aggregate-conversations.sql.ts'
import type { ConversationSum } from './conversation-sums.sql.ts'
import {
  type Dimension,
  dimensionKeys,
  type GroupKeys,
  intentKey,
  metadataKey,
  type WhichIntent,
} from './dimensions.sql.ts'
import type { Aggregates, Reading } from './measure-kinds.ts'
import { type MeasureName, measure } from './measures.ts'
import { fitsRollups, sumRollups } from './rollups.sql.ts'
import type { Period } from './time-buckets.ts'
import { countInterruptions, VOICE_STEPS, voiceTimings } from './voice-timings.sql.ts'

export interface GroupBy {
  dimension?: Dimension
  metadataPath?: readonly string[]
  intent?: { which: WhichIntent; excluded: readonly string[] }
  /** How many groups have lines of their own. */
  first: number
}

/** A period with the edges of its buckets, of which the first and the last are cut to it. Without edges: one bucket. */
export interface BucketedPeriod extends Period {
  edges?: readonly Date[]
}

export interface SeriesRequest {
  scope: FilterScope
  filter: ConversationFilter
  /** Whether tests count too. Ignored if the filter has `isTest`. */
  includeTests: boolean
  measures: readonly MeasureName[]
  period: BucketedPeriod
  previous: BucketedPeriod | null
  groupBy: GroupBy | null
  /** Groups that are known beforehand, instead of the largest by `groupBy`. */
  grouping?: Grouping | null
  /** Throws if there are too many groups. */
  checkGroups?: (count: number) => void
}

/** A group's key as in `dimensions.sql.ts`; null: conversations without one. `other`: all remaining groups. */
export interface Group {
  key: string | null
  other: boolean
}

export interface SeriesLine {
  measure: MeasureName
  group: Group | null
  total: Reading
  previousTotal: Reading | null
  /** Of a bucket of the period. */
  reading(bucket: number): Reading
  previousReading: ((bucket: number) => Reading) | null
}

/** Every measure of every group, bucket by bucket. */
export async function conversationSeries(db: Statements, request: SeriesRequest): Promise<SeriesLine[]> {
  const filter = withoutTests(request.filter, request.includeTests)
  const selection: Selection = { filter, scope: request.scope, edges: cutEdges(request.period) }
  const before = request.previous && { ...selection, edges: cutEdges(request.previous) }
  const { groups, grouping } = request.grouping
    ? { groups: request.grouping.keys.map((key) => ({ key, other: false })), grouping: request.grouping }
    : await findGroups(db, { selection, previous: before }, request.groupBy)
  request.checkGroups?.(groups.length)
  const now = await findAll(db, selection, grouping, request)
  const past = before && (await findAll(db, before, grouping, request))
  return request.measures.flatMap((name) =>
    groups.map((group, line) => {
      const read = (found: Aggregates) => measure(name).read(found, request.scope.seesInternals)
      return {
        measure: name,
        group,
        total: read(now.whole(line)),
        previousTotal: past && read(past.whole(line)),
        reading: (bucket: number) => read(now.at(line, bucket)),
        previousReading: past && ((bucket: number) => read(past.at(line, bucket))),
      }
    }),
  )
}

const cutEdges = ({ from, to, edges = [] }: BucketedPeriod) => [from, ...edges.slice(1, -1), to]

/** Tests are left out unless the filter, or the caller, says otherwise. */
export function withoutTests(filter: ConversationFilter, includeTests: boolean): ConversationFilter {
  return includeTests || filter.isTest != null ? filter : { ...filter, isTest: false }
}

/** The groups of both periods together, so that the lines cover the whole of each. */
async function findGroups(
  db: Statements,
  periods: { selection: Selection; previous: Selection | null },
  groupBy: GroupBy | null,
) {
  if (!groupBy) return { groups: [null], grouping: null }
  const by = keysOf(groupBy, periods.selection.scope)
  const found = await frequentKeys(db, periods, by, groupBy.first + 1)
  const keys = found.slice(0, groupBy.first).map((row) => row.key)
  const groups: Group[] = keys.map((value) => ({ key: value, other: false }))
  if (found.length > keys.length) groups.push({ key: null, other: true })
  return { groups, grouping: { by, keys } satisfies Grouping }
}

function keysOf({ dimension, intent, metadataPath }: GroupBy, scope: FilterScope): GroupKeys {
  if (dimension) return dimensionKeys(dimension, scope)
  return { one: intent ? intentKey(intent.which, intent.excluded, scope) : metadataKey(metadataPath ?? []) }
}

/** Loads everything that the measures need, with one statement for each kind of aggregate. */
async function findAll(
  db: Statements,
  selection: Selection,
  grouping: Grouping | null,
  { measures, includeTests }: SeriesRequest,
): Promise<AggregateTable> {
  const asked = measures.map(measure)
  const sums = [...new Set(asked.flatMap((item) => item.sums))]
  const asks = (what: string) => asked.some((item) => item.asks === what)
  const findings = new AggregateTable()
  if (sums.length > 0) findings.add(await findSums(db, selection, grouping, sums, includeTests))
  if (asks('END_USERS')) findings.add(await countEndUsers(db, selection, grouping))
  if (asks('NEW_END_USERS')) findings.add(await countNewEndUsers(db, selection, grouping), true)
  if (asks('LATENCIES')) findings.add(await latencyPercentiles(db, selection, grouping))
  if (asks('DURATIONS')) findings.add(await durationPercentiles(db, selection, grouping))
  for (const step of VOICE_STEPS.filter(asks)) findings.add(await voiceTimings(db, selection, grouping, step))
  if (asks('INTERRUPTIONS')) findings.add(await countInterruptions(db, selection, grouping))
  return findings
}

/** Uses the roll-ups if they have the answer: they sum all of the tenant's conversations except tests. */
async function findSums(
  db: Statements,
  selection: Selection,
  grouping: Grouping | null,
  sums: readonly ConversationSum[],
  includeTests: boolean,
): Promise<Cell<Aggregates>[]> {
  const { filter, scope, edges } = selection
  const { isTest, ...conditions } = filter
  const isWhole = Object.values(conditions).every((condition) => condition == null)
  if (isWhole && isTest === false && !includeTests && !scope.rowRestriction && !grouping && fitsRollups(edges)) {
    return sumRollups(db, scope.tenantId, edges, sums)
  }
  return sumConversations(db, selection, grouping, sums)
}

/** Aggregates by line and bucket. */
class AggregateTable {
  /** For each line, those of the whole line, then those of its buckets. */
  readonly #lines: Aggregates[][] = []

  /** `addUp` computes the whole of a line from its buckets, if the query did not return it. */
  add(cells: readonly Cell<Aggregates>[], addUp = false) {
    for (const cell of cells) {
      const { line, bucket } = cell
      this.#lines[line] ??= []
      const aggregates = this.#lines[line]
      const place = bucket === null ? 0 : bucket + 1
      // Mostly the only one of its bucket: it is kept as it is, because copying it takes as long as reading it.
      aggregates[place] = aggregates[place] ? Object.assign(aggregates[place], cell) : cell
      if (!addUp) continue
      const { line: _line, bucket: _bucket, ...found } = cell
      aggregates[0] ??= {}
      addTo(aggregates[0], found)
    }
  }

  at = (line: number, bucket: number): Aggregates => this.#lines[line]?.[bucket + 1] ?? {}
  whole = (line: number): Aggregates => this.#lines[line]?.[0] ?? {}
}

function addTo(sum: Aggregates, found: Aggregates) {
  for (const name of Object.keys(found) as (keyof Aggregates)[]) sum[name] = (sum[name] ?? 0) + (found[name] ?? 0)
}
