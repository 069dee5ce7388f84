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

/** With fewer words than this, a text is as often a name as a sentence, and every detector guesses. */
const MIN_WORDS = 3

/** Letters of a non-Latin script identify a language in fewer words, or have no spaces between words. */
const OTHER_SCRIPT = /[^\P{L}\p{Script=Latin}]/u

/**
 * The language of a text, as an ISO 639-1 code; null if it can't be told. eld looks at about the first 380 bytes. It
 * calls a result reliable if it has at least three n-grams, 75% of the usual score of its language, and a lead over the
 * next one.
 */
export async function detectLanguage(text: string): Promise<string | null> {
  const start = text.slice(0, 1_000)
  if ((start.match(/\p{L}+/gu)?.length ?? 0) < MIN_WORDS && !OTHER_SCRIPT.test(start)) return null
  const detect = await loadLanguageDetector()
  const result = detect(start)
  return result.isReliable() && result.language !== '' ? result.language : null
}
