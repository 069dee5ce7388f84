import { intArray, timeArray } from '../database/array-parameters.ts'
import { Prisma } from '../database/generated/client/client.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { ownRows } from '../database/tenant-scope.ts'
import type { Cell } from './aggregate-conversations.sql.ts'
import { CONVERSATION_SUMS, type ConversationSum, type Sums } from './conversation-sums.sql.ts'
import { bucketOf } from './time-bucket.sql.ts'

/** The lengths of roll-ups, in minutes. */
const [QUARTER_HOUR, HOUR, DAY] = [15, 60, 1_440] as const
const MINUTE_MS = 60_000

const { sql, raw, join, empty } = Prisma

/** Whether roll-ups can be combined into these buckets. The first and the last edge may be anywhere. */
export const fitsRollups = (edges: readonly Date[]) =>
  edges.slice(1, -1).every((edge) => edge.getTime() % (QUARTER_HOUR * MINUTE_MS) === 0)

/**
 * Sums of the tenant's conversations, without tests, by the bucket in which they began, and for all buckets together.
 *
 * First it sums whole UTC days (hours, for short buckets) between the anchors: the edges, rounded to the nearest day.
 * Then it corrects each boundary: what lies between an edge and its anchor moves from the bucket after the edge to the
 * one before it, or the other way round. A year of days in New York thus takes 365 rows and five for each of 366 edges,
 * not 8,760.
 */
export async function sumRollups(
  statements: Statements,
  tenantId: string,
  edges: readonly Date[],
  sums: readonly ConversationSum[],
): Promise<Cell<Sums>[]> {
  const times = edges.map((edge) => edge.getTime())
  const meanLength = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / (times.length - 1)
  const unit = meanLength < (DAY * MINUTE_MS) / 2 ? HOUR : DAY
  const anchors = times.map((time) => roundTo(unit, time, Math.round))
  const pieces = times.flatMap((time, edge) => correctionsFor(edge, anchors[edge] ?? time, time))
  const whole = wholeUnits(tenantId, unit, anchors, sums)
  const parts = pieces.length === 0 ? whole : shifted(tenantId, whole, pieces, sums)
  // As one row: the driver takes five times as long to read a year of them as rows.
  const [row] = await statements.run<{ cells: Cell<Sums>[] }>(sql`
    SELECT json_agg(s) AS cells FROM (
      SELECT 0 AS line, bucket, ${columns(sums, (name) => `coalesce(sum(${name}), 0)::float8`)} FROM (${parts}) part
      ${pieces.length === 0 ? empty : sql`WHERE bucket BETWEEN 0 AND ${edges.length - 2}::integer`} GROUP BY GROUPING SETS ((bucket), ())
    ) s`)
  return row?.cells ?? []
}

const columns = (sums: readonly ConversationSum[], of: (name: ConversationSum) => string) =>
  raw(sums.map((name) => `${of(name)} AS ${name}`).join(', '))

const wholeUnits = (
  tenantId: string,
  unit: number,
  anchors: readonly number[],
  sums: readonly ConversationSum[],
) => sql`
  SELECT ${bucketOf(sql`r.started_at`, anchors)} AS bucket, ${columns(sums, (name) => `r.${name}`)}
  FROM conversation_rollups r
  WHERE ${ownRows(tenantId, 'r')} AND r.minutes = ${unit}::integer
    AND r.started_at >= ${new Date(anchors[0] ?? 0)}::timestamptz AND r.started_at < ${new Date(anchors.at(-1) ?? 0)}::timestamptz`

/** Moves what lies between an edge and its anchor from one bucket to the adjacent one. */
function shifted(
  tenantId: string,
  whole: Prisma.Sql,
  pieces: readonly BoundaryCorrection[],
  sums: readonly ConversationSum[],
) {
  const fragments = pieces.filter(({ minutes }) => minutes === null)
  const rollups = pieces.filter(({ minutes }) => minutes !== null)
  return sql`
    WITH shift AS (
      SELECT p.edge, found.* FROM ${piecesTable(rollups)}
      -- An aggregate for each, so that PostgreSQL can only join them by an index lookup.
      CROSS JOIN LATERAL (
        SELECT ${columns(sums, (name) => `p.sign * sum(r.${name})`)} FROM conversation_rollups r
        WHERE ${ownRows(tenantId, 'r')} AND r.minutes = p.minutes AND r.started_at >= p.lower AND r.started_at < p.upper
      ) found
      ${fragments.length === 0 ? empty : fragmentSums(tenantId, fragments, sums)}
    )
    ${whole}
    UNION ALL SELECT edge - 1, ${join(sums.map((name) => raw(name)))} FROM shift
    UNION ALL SELECT edge, ${join(sums.map((name) => raw(`-${name}`)))} FROM shift`
}

/** Part of the time between an edge and its anchor, to be added (1) or subtracted (−1). */
interface BoundaryCorrection {
  edge: number
  /** Null: shorter than a quarter of an hour, to be summed from the conversations themselves. */
  minutes: number | null
  lower: number
  upper: number
  sign: 1 | -1
}

function correctionsFor(edge: number, anchor: number, time: number): BoundaryCorrection[] {
  const [sign, direction]: [1 | -1, Round] = time < anchor ? [-1, Math.ceil] : [1, Math.floor]
  const hour = roundTo(HOUR, time, direction)
  const quarter = roundTo(QUARTER_HOUR, time, direction)
  const piece = (minutes: number | null, a: number, b: number): BoundaryCorrection[] =>
    a === b ? [] : [{ edge, minutes, lower: Math.min(a, b), upper: Math.max(a, b), sign }]
  return [...piece(HOUR, anchor, hour), ...piece(QUARTER_HOUR, hour, quarter), ...piece(null, quarter, time)]
}

type Round = (value: number) => number

const roundTo = (minutes: number, time: number, round: Round) =>
  round(time / (minutes * MINUTE_MS)) * minutes * MINUTE_MS

const piecesTable = (pieces: readonly BoundaryCorrection[]) => sql`
  unnest(${intArray(pieces.map(({ edge }) => edge))}, ${intArray(pieces.map(({ minutes }) => minutes ?? 0))},
    ${timeArray(pieces.map(({ lower }) => lower))}, ${timeArray(pieces.map(({ upper }) => upper))},
    ${intArray(pieces.map(({ sign }) => sign))}) AS p (edge, minutes, lower, upper, sign)`

const fragmentSums = (
  tenantId: string,
  fragments: readonly BoundaryCorrection[],
  sums: readonly ConversationSum[],
) => sql`
  UNION ALL SELECT p.edge, ${raw(sums.map((name) => `sum(p.sign * ${CONVERSATION_SUMS[name]})`).join(', '))}
  FROM ${piecesTable(fragments)} JOIN conversations c
    ON ${ownRows(tenantId, 'c')} AND NOT c.is_test AND c.started_at >= p.lower AND c.started_at < p.upper
  GROUP BY p.edge`
