import type { SearchColumns } from '../../database/message-search.ts'
import type { Pace } from '../pace.ts'
import { MAX_TOKEN_LENGTH, TOKENISER_VERSION, type Token, tokenise } from './tokenise.ts'

const IS_ASCII = /^\p{ASCII}*$/u
const LONG_WORD = new RegExp(`([a-z0-9]{${MAX_TOKEN_LENGTH}})[a-z0-9]+`, 'g')

/** What is stored of a text, so that search finds it. */
export async function toSearchColumns(text: string, pace: Pace): Promise<SearchColumns> {
  // Most texts: a tenth of the time, and the same result.
  const [words, parts] = IS_ASCII.test(text) ? [asciiWords(text), null] : await collect(text, pace)
  return { search_words: words, search_parts: parts, search_version: TOKENISER_VERSION }
}

async function collect(text: string, pace: Pace): Promise<[words: string, parts: string | null]> {
  const found = new Collection(text.length > MAX_UNMEASURED ? MAX_KEY_BYTES : Number.POSITIVE_INFINITY)
  for (const part of sections(text)) {
    found.add(tokenise(part))
    // Words that were written together, with a place to break the line between, are found by themselves as well.
    if (part.includes('\u200b')) found.addParts(tokenise(part.replaceAll('\u200b', ' ')))
    if (pace.isOver) await pace.rest()
  }
  return [found.words, found.parts]
}

function asciiWords(text: string): string {
  const words = ` ${text} `.toLowerCase().replace(/[^a-z0-9]+/g, ' ')
  return words.length > MAX_TOKEN_LENGTH ? words.replace(LONG_WORD, '$1') : words
}

const SECTION_LENGTH = 1_024
const SEAM = /[\s\p{P}]/gu

/** Cuts before a space or sign: no word is cut, unless it is as long as several sections. */
function* sections(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    SEAM.lastIndex = start + SECTION_LENGTH
    const end = SEAM.exec(text)?.index ?? text.length
    yield text.slice(start, end)
    start = end
  }
}

/** In UTF-16 units: Hangul words are found by beginnings of up to this length, and by themselves. */
export const MAX_PREFIX_LENGTH = 16

/** What a tsvector can hold. Of a text with more different words than that, which no language has, the last are not found. */
const MAX_KEY_BYTES = 1_000_000
/** No text of this length has as much. */
const MAX_UNMEASURED = 20_000

class Collection {
  readonly #words: string[] = []
  readonly #parts = new Set<string>()
  #freeBytes: number
  /** Only if they are counted. */
  readonly #keys: Set<string> | null

  constructor(maxBytes: number) {
    this.#freeBytes = maxBytes
    this.#keys = maxBytes === Number.POSITIVE_INFINITY ? null : new Set()
  }

  add(tokens: readonly Token[]) {
    for (const token of tokens) if (this.#take(token.text)) this.#words.push(token.text)
    for (const token of tokens) this.#addBeginnings(token)
  }

  addParts(tokens: readonly Token[]) {
    for (const token of tokens) {
      if (this.#take(token.text)) this.#parts.add(token.text)
      this.#addBeginnings(token)
    }
  }

  #addBeginnings({ text, kind }: Token) {
    if (kind === 'PAIR') {
      const [first = ''] = text
      if (this.#take(first)) this.#parts.add(first)
    } else if (kind === 'HANGUL') {
      for (let length = 1; length < text.length && length <= MAX_PREFIX_LENGTH; length++) {
        const beginning = text.slice(0, length)
        if (this.#take(beginning)) this.#parts.add(beginning)
      }
    }
  }

  /** Whether there is room for it in the index. */
  #take(key: string): boolean {
    if (!this.#keys || this.#keys.has(key)) return true
    this.#freeBytes -= Buffer.byteLength(key)
    if (this.#freeBytes < 0) return false
    this.#keys.add(key)
    return true
  }

  get words(): string {
    return this.#words.length === 0 ? ' ' : ` ${this.#words.join(' ')} `
  }

  get parts(): string | null {
    return this.#parts.size === 0 ? null : [...this.#parts].join(' ')
  }
}
