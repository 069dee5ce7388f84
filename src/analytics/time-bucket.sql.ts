import { timeArray } from '../database/array-parameters.ts'
import { Prisma } from '../database/generated/client/client.ts'

const { sql } = Prisma

/**
 * In which bucket between two edges (milliseconds since 1970) a time is that lies between the first and the last one,
 * counted from 0. If those between the first and the last are equally long, it is calculated: to search 365 edges takes a
 * third longer in all. Lengths and inner edges are then whole seconds, for which the calculation is exact.
 */
export function bucketOf(time: Prisma.Sql, edges: readonly number[]): Prisma.Sql {
  const [, second] = edges
  if (second === undefined || edges.length === 2) return sql`0`
  if (edges.length === 3) return sql`(${time} >= ${new Date(second)}::timestamptz)::integer`
  const lengths = edges.slice(1).map((edge, bucket) => edge - (edges[bucket] ?? edge))
  const length = Math.max(...lengths)
  // The first and the last one may be cut.
  const isRegular =
    second % 1_000 === 0 && length % 1_000 === 0 && lengths.slice(1, -1).every((other) => other === length)
  if (!isRegular) return sql`width_bucket(${time}, ${timeArray(edges)}) - 1`
  const start = (second - length) / 1_000
  return sql`floor((date_part('epoch', ${time}) - ${start}::float8) / ${length / 1_000}::float8)::integer`
}
