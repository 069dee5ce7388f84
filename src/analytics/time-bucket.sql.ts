import { timeArray } from '../database/array-parameters.ts'
import { Prisma } from '../database/generated/client/client.ts'

const { sql } = Prisma

/**
 * SQL for the index, from 0, of the bucket that contains a time. The time must be between the first and the last edge
 * (milliseconds since 1970). If all buckets except the first and the last are equally long, the index is calculated:
 * searching 365 edges takes a third longer in total. Lengths and inner edges are then whole seconds, for which the
 * calculation is exact.
 */
export function bucketOf(time: Prisma.Sql, edges: readonly number[]): Prisma.Sql {
  const [, second] = edges
  if (second === undefined || edges.length === 2) return sql`0`
  if (edges.length === 3) return sql`(${time} >= ${new Date(second)}::timestamptz)::integer`
  const lengths = edges.slice(1).map((edge, bucket) => edge - (edges[bucket] ?? edge))
  const length = Math.max(...lengths)
  // The first and the last bucket may be cut.
  const isRegular =
    second % 1_000 === 0 && length % 1_000 === 0 && lengths.slice(1, -1).every((other) => other === length)
  if (!isRegular) return sql`width_bucket(${time}, ${timeArray(edges)}) - 1`
  const start = (second - length) / 1_000
  return sql`floor((date_part('epoch', ${time}) - ${start}::float8) / ${length / 1_000}::float8)::integer`
}
