import { Prisma } from './generated/client/client.ts'

/** Arrays as one text: element by element, the drivers take longer to send a few hundred than the database to use them. */
const asText = (elements: readonly (string | number)[]) => `{${elements.join()}}`

export const intArray = (numbers: readonly number[]) => Prisma.sql`${asText(numbers)}::text::int[]`

/** Milliseconds since 1970. A sub-select, so that it is read once and not for every row. */
export const timeArray = (times: readonly number[]) =>
  Prisma.sql`(SELECT ${asText(times.map((time) => new Date(time).toISOString()))}::text::timestamptz[])`
