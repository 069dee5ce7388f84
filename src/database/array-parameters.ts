import { Prisma } from './generated/client/client.ts'

/** Arrays as one text: element by element, the drivers take longer to send a few hundred than the database takes to use them. */
const asText = (elements: readonly (string | number)[]) => `{${elements.join()}}`

export const intArray = (numbers: readonly number[]) => Prisma.sql`${asText(numbers)}::text::int[]`

/** Times as text, by their milliseconds since 1970: pages ask for the same days and hours again and again. */
const texts = new Map<number, string>()
const MAX_TEXTS = 10_000

function isoOf(time: number): string {
  const known = texts.get(time)
  if (known !== undefined) return known
  const text = new Date(time).toISOString()
  if (texts.size >= MAX_TEXTS) texts.clear()
  texts.set(time, text)
  return text
}

/** Takes milliseconds since 1970. A sub-select, so that the text is parsed once and not for every row. */
export const timeArray = (times: readonly number[]) =>
  Prisma.sql`(SELECT ${asText(times.map(isoOf))}::text::timestamptz[])`
