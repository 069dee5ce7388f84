type Score = typeof import('wink-sentiment')['default']

let loading: Promise<Score> | null = null

export const loadSentimentScorer = () => (loading ??= import('wink-sentiment').then((module) => module.default))

/** Only the beginning of a longer text is read. */
const MAX_CHARACTERS = 5_000

// No word of the lexicon is this long, and reading a word takes time that grows with the square of its length. The
// lexicon is an object, which seems to contain these two "words" because every object does.
const UNREADABLE = /\S{41,}|constructor|__proto__/gi

/** The lexicon's scores lie between -5 and 5. */
const MAX_SCORE = 5

/**
 * The sentiment of a user's message, from −1 to 1 (wink-sentiment with the AFINN lexicon). The lexicon has only
 * English: null for another language, and for an unknown one if no word or emoji is in the lexicon.
 */
export async function scoreSentiment(text: string, language: string | null): Promise<number | null> {
  if (language !== null && !/^en(?![a-z])/i.test(language)) return null
  const score = await loadSentimentScorer()
  const { normalizedScore, tokenizedPhrase = [] } = score(text.slice(0, MAX_CHARACTERS).replace(UNREADABLE, ' '))
  const found = tokenizedPhrase.some((token) => token.score !== undefined)
  const spoken = tokenizedPhrase.some(({ tag }) => tag === 'word' || tag === 'emoji' || tag === 'emoticon')
  if (!(found || (language !== null && spoken)) || !Number.isFinite(normalizedScore)) return null
  return Math.min(1, Math.max(-1, Number((normalizedScore / MAX_SCORE).toFixed(4))))
}
