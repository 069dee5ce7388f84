/** The part of wink-sentiment that is used; it comes without types. */
declare module 'wink-sentiment' {
  interface Token {
    value: string
    tag: string
    /** Absent if the lexicon does not have the word. */
    score?: number
  }
  export default function sentiment(phrase: string): { normalizedScore: number; tokenizedPhrase?: Token[] }
}
