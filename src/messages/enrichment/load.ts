import { loadPrices } from './cost.ts'
import { loadLanguageDetector } from './language.ts'
import { loadSentimentScorer } from './sentiment.ts'
import { loadTokenizer } from './token-count.ts'

/**
 * Loads the tables that columns are derived from, so that the first write does not wait for them. This keeps the
 * process busy for a third of a second, in several parts, so that other requests get their turns. It takes 70 MB.
 */
export async function loadDerivation(): Promise<void> {
  for (const load of [loadLanguageDetector, loadTokenizer, loadSentimentScorer, loadPrices]) await load()
}
