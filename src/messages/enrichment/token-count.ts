import type { TimeSlice } from '../../fairness/time-slice.ts'

type Tokenizer = typeof import('gpt-tokenizer/encoding/o200k_base')

let loading: Promise<Tokenizer> | null = null

/** Its table takes 21 MB. */
async function load(): Promise<Tokenizer> {
  const tokenizer = await import('gpt-tokenizer/encoding/o200k_base')
  // It caches pieces of text, 100,000 by default.
  tokenizer.setMergeCacheSize(2_000)
  return tokenizer
}

export const loadTokenizer = () => (loading ??= load())

/** Text that looks like a control token was typed by somebody, and counts as text. */
const AS_TEXT = { disallowedSpecial: new Set<string>() }

/**
 * The number of tokens of a text in o200k_base, the encoding of GPT-4o and later. Other models' encodings differ
 * somewhat, and most are not public. The count is exact unless hundreds of letters or signs follow each other without a
 * break.
 */
export async function countTokens(text: string, timeSlice: TimeSlice): Promise<number> {
  const tokenizer = await loadTokenizer()
  let count = 0
  for (let start = 0; start < text.length; ) {
    const end = endOfPart(text, start)
    count += tokenizer.countTokens(text.slice(start, end), AS_TEXT)
    start = end
    if (timeSlice.isOver) await timeSlice.yieldToEventLoop()
  }
  return count
}

const MIN_PART = 256
const MAX_PART = 512

/**
 * Where the encoding never joins characters: before a space that follows a non-space, and after a word. The counts of
 * parts that are cut there add up exactly.
 */
const SEAM = /(?<=\S)(?= )|(?<=\p{L})(?=[^\p{L}\p{M}'])/u

/**
 * Counting text without a seam takes time that grows with the square of its length, so it is cut anywhere after this
 * many characters.
 */
function endOfPart(text: string, start: number): number {
  if (text.length - start <= MIN_PART) return text.length
  const from = start + MIN_PART - 1
  const seam = text.slice(from, start + MAX_PART).search(SEAM)
  if (seam !== -1) return from + seam
  const end = start + MIN_PART
  const splitsPair = /[\ud800-\udbff]/.test(text[end - 1] ?? '')
  return splitsPair ? end - 1 : end
}
