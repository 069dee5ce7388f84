import type { TimeSlice } from '../../fairness/time-slice.ts'
import type { RedactionSettings } from '../../tenants/tenant-settings.sql.ts'
import { type DecodedText, decodeText, plainText, type Span } from './decoded-text.ts'
import { IBAN_REPLACEMENT, loadIbanFinder } from './ibans.ts'
import { compileOwnPatterns } from './own-patterns.ts'
import { type PatternBudget, patternBudgetOf } from './pattern-budget.ts'
import { loadPhoneNumberFinder, PHONE_REPLACEMENT } from './phone-numbers.ts'
import { mapTexts } from './redact-json.ts'
import { addCounts, type RedactionCounts, replaceSpans } from './redact-text.ts'

interface Kind {
  kind: 'patternMatches' | 'ibans' | 'phoneNumbers'
  replacement: string
  decode: (text: string) => DecodedText
  find: (characters: string) => Generator<Span | null>
}

interface Redacted {
  text: string
  counts: RedactionCounts
}

/**
 * Redacts what a tenant wants redacted besides the usual: what its own patterns match, IBANs and phone numbers, in this
 * order. It can take long, so it rests whenever its slice of time is over.
 */
export class OptionalRedaction {
  readonly #kinds: readonly Kind[]
  readonly #timeSlice: TimeSlice
  readonly #budget: PatternBudget

  constructor(kinds: readonly Kind[], timeSlice: TimeSlice) {
    this.#kinds = kinds
    this.#timeSlice = timeSlice
    this.#budget = patternBudgetOf(timeSlice)
  }

  /** A JSON value whose strings, keys and numbers are redacted. A number with anything to redact becomes a string. */
  async redact<Value>(value: Value, counts: RedactionCounts): Promise<Value> {
    const texts = new Set<string>()
    mapTexts(value, (text) => {
      texts.add(text)
      return text
    })
    const redacted = new Map<string, Redacted>()
    for (const text of texts) redacted.set(text, await this.#redactText(text))
    return mapTexts(value, (text) => {
      const found = redacted.get(text)
      addCounts(counts, found?.counts ?? {})
      return found?.text ?? text
    })
  }

  async #redactText(text: string): Promise<Redacted> {
    const counts: RedactionCounts = {}
    let redacted = text
    for (const { kind, replacement, decode, find } of this.#kinds) {
      const decoded = decode(redacted)
      const isCounted = kind === 'patternMatches'
      const spans: Span[] = []
      if (isCounted) this.#budget.begin()
      for (const found of find(decoded.characters)) {
        if (found) spans.push(found)
        if (!this.#timeSlice.isOver) continue
        if (isCounted) this.#budget.countTime()
        await this.#timeSlice.yieldToEventLoop()
        if (isCounted) this.#budget.begin()
      }
      if (isCounted) this.#budget.countTime()
      if (spans.length === 0) continue
      addCounts(counts, { [kind]: spans.length })
      const before = redacted.length
      redacted = replaceSpans(redacted, decoded.inSource(spans), () => replacement)
      if (isCounted) this.#budget.countGrowth(redacted.length - before)
    }
    return { text: redacted, counts }
  }
}

/** Null if the tenant wants nothing more than the usual. What finds the rest is loaded once it is needed. */
export async function loadOptionalRedaction(
  { redactionPatterns, redactsIbans, redactsPhoneNumbers, phoneRegion }: RedactionSettings,
  timeSlice: TimeSlice,
): Promise<OptionalRedaction | null> {
  const kinds: Kind[] = []
  // As they are written: a pattern may be about dashes, or about full-width letters.
  if (redactionPatterns.length > 0)
    for (const pattern of await compileOwnPatterns(redactionPatterns))
      kinds.push({ kind: 'patternMatches', decode: plainText, ...pattern })
  const decode = decodeText
  if (redactsIbans) kinds.push({ kind: 'ibans', replacement: IBAN_REPLACEMENT, decode, find: await loadIbanFinder() })
  if (redactsPhoneNumbers) {
    const find = await loadPhoneNumberFinder(phoneRegion)
    kinds.push({ kind: 'phoneNumbers', replacement: PHONE_REPLACEMENT, decode, find })
  }
  return kinds.length === 0 ? null : new OptionalRedaction(kinds, timeSlice)
}
