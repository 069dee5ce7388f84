import { AnswerTooLarge } from '../errors.ts'
import type { GrowingAnswer } from '../fairness/answer-room.ts'
import { type AnswerText, answerBytes, answerText } from './answer-text.ts'

/** How many characters of a long answer are encoded at a time. */
const CHUNK_LENGTH = 65_536

/**
 * An answer that is written in pieces, each a whole number of characters. A long answer is encoded as it grows:
 * encoding 16 MB in one go, and handing them to the socket as a string, would hold everybody up for 0.2 s.
 */
export class AnswerWriter {
  readonly #maxBytes: number
  readonly #room: GrowingAnswer | null
  /** What is not encoded yet. V8 joins the pieces when the text is first read, twice as fast as joining an array of them. */
  #text = ''
  readonly #chunks: Buffer[] = []
  #encodedBytes = 0

  constructor(maxBytes: number, room: GrowingAnswer | null) {
    this.#maxBytes = maxBytes
    this.#room = room
  }

  /** Throws AnswerTooLarge, and OVERLOADED. */
  add(piece: string): void {
    this.#text += piece
    if (this.#text.length >= CHUNK_LENGTH) this.#encode()
  }

  /** All that was written. Throws AnswerTooLarge, and OVERLOADED. */
  toAnswer(): AnswerText {
    if (this.#chunks.length === 0) return answerText(this.#text, this.#maxBytes)
    if (this.#text !== '') this.#encode()
    return answerBytes(this.#chunks, this.#encodedBytes)
  }

  #encode() {
    const chunk = Buffer.from(this.#text)
    this.#text = ''
    this.#encodedBytes += chunk.length
    if (this.#encodedBytes > this.#maxBytes) throw new AnswerTooLarge(this.#maxBytes)
    this.#room?.grow(chunk.length)
    this.#chunks.push(chunk)
  }
}
