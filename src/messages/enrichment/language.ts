type Detect = typeof import('eld/small')['eld']['detect']

let loading: Promise<Detect> | null = null

/** Its tables take 46 MB. */
async function load(): Promise<Detect> {
  const { eld } = await import('eld/small')
  // Addresses, URLs and codes are in no language.
  eld.enableTextCleanup(true)
  return eld.detect
}

export const loadLanguageDetector = () => (loading ??= load())

/** Fewer words than this are a name as often as a sentence, and every detector guesses. */
const MIN_WORDS = 3

/** Letters of another script than the Latin one tell a language from fewer words, or have no spaces between them. */
const OTHER_SCRIPT = /[^\P{L}\p{Script=Latin}]/u

/**
 * The language a text is in, ISO 639-1; null where that can't be told. eld looks at the first 380 bytes or so, and calls a
 * result reliable that has three n-grams or more, 75 % of the score usual for its language, and a lead on the next one.
 */
export async function detectLanguage(text: string): Promise<string | null> {
  const start = text.slice(0, 1_000)
  if ((start.match(/\p{L}+/gu)?.length ?? 0) < MIN_WORDS && !OTHER_SCRIPT.test(start)) return null
  const detect = await loadLanguageDetector()
  const result = detect(start)
  return result.isReliable() && result.language !== '' ? result.language : null
}
