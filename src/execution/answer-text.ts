import type { ExecutionResult, GraphQLError } from 'graphql'
import { AnswerTooLarge } from '../errors.ts'
import type { OperationCost, RequestLimits } from '../input/limits.ts'

/** An answer that is already text. Yoga sends anything with `stringify` as it is; `errors` only decide the status. */
export interface AnswerText extends ExecutionResult {
  stringify(): string
  /** Its size in UTF-8. */
  bytes: number
  /** A large answer, encoded. */
  chunks?: readonly Buffer[]
  /** Whether it was written with its cost. */
  hasCost?: true
}

/** From this size on, an answer is not handed to the socket as a string, which would hold everybody up for longer. */
const LARGE_BYTES = 1_048_576

export function answerBytes(chunks: readonly Buffer[], bytes: number): AnswerText {
  let whole: Buffer | undefined
  const stringify = () => {
    whole ??= Buffer.concat(chunks, bytes)
    // Yoga makes it the body of its response, or a part of a stream, and need not know that it is not a string.
    return whole as unknown as string
  }
  return { stringify, bytes, chunks }
}

export const answerText = (text: string, maxBytes: number, errors?: readonly GraphQLError[]): AnswerText => {
  const bytes = Buffer.byteLength(text)
  if (bytes > maxBytes) throw new AnswerTooLarge(maxBytes)
  if (bytes >= LARGE_BYTES && !errors) return answerBytes([Buffer.from(text)], bytes)
  return { ...(errors ? { errors } : {}), stringify: () => text, bytes }
}

/** The end of an answer, with its cost in `extensions`. */
export const answerEnd = ({ requested, remaining }: OperationCost) =>
  `,"extensions":{"cost":{"requested":${requested},"remaining":${remaining}}}}`

/** The answer with its cost, added to its end so that nothing is written twice. */
export function withCost(answer: AnswerText, cost: OperationCost): AnswerText {
  if (answer.hasCost) return answer
  const end = answerEnd(cost)
  const bytes = answer.bytes - 1 + end.length
  const last = answer.chunks?.at(-1)
  if (answer.chunks && last) {
    return answerBytes([...answer.chunks.slice(0, -1), last.subarray(0, -1), Buffer.from(end)], bytes)
  }
  return { ...answer, stringify: () => answer.stringify().slice(0, -1) + end, bytes }
}

const [START, END] = ['{"data":{', '}}']

/** The `"name":value` of an answer to one root field, which has no errors, and may have been written with its cost. */
export function memberOf(answer: AnswerText, cost: OperationCost | null): Buffer {
  // See `answerBytes`.
  const whole = answer.stringify() as string | Buffer
  const end = answer.hasCost && cost ? `}${answerEnd(cost)}` : END
  return (Buffer.isBuffer(whole) ? whole : Buffer.from(whole)).subarray(START.length, -end.length)
}

/** The data of an answer as text that was written before, each member as `"name":value`. `writeAnswerText` knows it. */
export class WrittenData {
  /** What any data of an answer has. */
  readonly [name: string]: unknown
  readonly members: readonly Buffer[]

  constructor(members: readonly Buffer[]) {
    this.members = members
  }

  toAnswer(errors: readonly GraphQLError[] | undefined, maxBytes: number): AnswerText {
    const end = errors ? `},"errors":${JSON.stringify(errors.map(withoutHttp))}}` : END
    const members = this.members.flatMap((member, i) => (i === 0 ? [member] : [Buffer.from(','), member]))
    const chunks = [Buffer.from(START), ...members, Buffer.from(end)]
    const bytes = chunks.reduce((sum, { length }) => sum + length, 0)
    if (bytes > maxBytes) throw new AnswerTooLarge(maxBytes)
    return { ...answerBytes(chunks, bytes), ...(errors ? { errors } : {}) }
  }
}

export const isAnswerText = (result: object): result is AnswerText => 'stringify' in result

/** Writes an answer. Throws AnswerTooLarge; if the answer is much too large, before writing it. */
export function writeAnswerText(result: ExecutionResult, maxBytes: number): AnswerText {
  const data: unknown = result.data
  if (data instanceof WrittenData) return data.toAnswer(result.errors, maxBytes)
  new Measure(maxBytes).add(result.data)
  if (!result.errors) return answerText(JSON.stringify({ data: result.data }), maxBytes)
  const errors = result.errors.map(withoutHttp)
  new Measure(maxBytes).add(errors)
  return answerText(JSON.stringify({ ...result, errors }), maxBytes, result.errors)
}

/**
 * The answer of a write, made before the write is committed, so that a write that can't be answered is not stored. An
 * answer with errors is made again once the errors are masked.
 */
export function answerBeforeCommit(result: ExecutionResult, { maxAnswerBytes }: RequestLimits): ExecutionResult {
  try {
    const text = writeAnswerText(result, maxAnswerBytes)
    return result.errors ? result : { ...text, data: result.data ?? null }
  } catch (error) {
    if (!(error instanceof AnswerTooLarge)) throw error
    throw new AnswerTooLarge(maxAnswerBytes, 'Nothing was stored. Ask for fewer fields of what is written.')
  }
}

/** What clients see of an error, without what is meant for Yoga. */
function withoutHttp(error: GraphQLError) {
  const { extensions: { http: _, ...extensions } = {}, ...shown } = error.toJSON()
  return Object.keys(extensions).length > 0 ? { ...shown, extensions } : shown
}

/** Only strings of at least this length are measured exactly; in shorter ones, each character counts as one byte. */
const LONG = 4_096

/**
 * Adds up the size of a value as JSON, and stops once that is too large: an alias repeats a value at no cost, but the
 * value is written each time.
 */
class Measure {
  readonly #maxBytes: number
  readonly #longStrings = new Map<string, number>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Throws AnswerTooLarge. */
  add(value: unknown): void {
    if (typeof value === 'string') this.#count(2 + this.#sizeOf(value))
    else if (Array.isArray(value)) {
      this.#count(2)
      for (const item of value) this.add(item)
    } else if (typeof value === 'object' && value !== null) {
      this.#count(2)
      for (const [key, item] of Object.entries(value)) {
        this.#count(4 + key.length)
        this.add(item)
      }
    } else this.#count(1)
  }

  #sizeOf(text: string): number {
    if (text.length < LONG) return text.length
    const known = this.#longStrings.get(text) ?? Buffer.byteLength(JSON.stringify(text))
    this.#longStrings.set(text, known)
    return known
  }

  #count(bytes: number) {
    this.#bytes += bytes
    if (this.#bytes > this.#maxBytes) throw new AnswerTooLarge(this.#maxBytes)
  }
}
