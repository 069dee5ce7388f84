/** The small part of PostgreSQL's protocol that we speak ourselves for the embedded database. */

/** Types of messages, as bytes. */
const QUERY = 0x51 // Q, from the client
const SYNC = 0x53 // S, from the client
const TERMINATE = 0x58 // X, from the client
const ERROR = 0x45 // E, from the database
const READY = 0x5a // Z, from the database
const DATA_ROW = 0x44 // D, from the database
const IDLE = 0x49 // I, the status of a database that is ready and in no transaction

const HEADER_BYTES = 5

/** The same bytes in memory of their own, which can be transferred to another thread. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let position = 0
  for (const chunk of chunks) {
    all.set(chunk, position)
    position += chunk.length
  }
  return all
}

function message(type: string, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES, type, 'latin1')
  header.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([header, body])
}

export const queryMessage = (sql: string) => message('Q', Buffer.from(`${sql}\0`))

/** Ready for a query: outside of a transaction, or in one that has failed. */
const ready = (status: 'I' | 'E') => message('Z', Buffer.from(status))

/** What a database answers to a client that may connect. */
export const WELCOME = Buffer.concat([message('R', Buffer.alloc(4)), ready('I')])

/** What it answers to a ROLLBACK, and to a COMMIT in a transaction that has failed. */
export const ROLLED_BACK = Buffer.concat([message('C', Buffer.from('ROLLBACK\0')), ready('I')])

function errorMessage(sqlState: string, text: string): Buffer {
  const fields = ['SERROR', 'VERROR', `C${sqlState}`, `M${text}`].map((field) => `${field}\0`).join('')
  return message('E', Buffer.from(`${fields}\0`))
}

/** The end of an answer outside of a transaction. */
export const READY_FOR_QUERY = ready('I')

/** The answer to what fails outside of a transaction and is not a statement. */
export const failureOutside = (text: string) => Buffer.concat([errorMessage('XX000', text), READY_FOR_QUERY])

/** The answer to statements that fail with this SQLSTATE, in a transaction. */
export function failures(sent: Uint8Array, sqlState: string, text: string): Buffer {
  const failure = Buffer.concat([errorMessage(sqlState, text), ready('E')])
  return Buffer.concat(Array<Buffer>(countStatements(sent)).fill(failure))
}

/** The messages in a buffer of whole messages. */
function* messagesOf(bytes: Uint8Array): Generator<{ type: number; body: Uint8Array }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let start = 0; start + HEADER_BYTES <= bytes.length; ) {
    const end = start + 1 + view.getInt32(start + 1)
    yield { type: view.getUint8(start), body: bytes.subarray(start + HEADER_BYTES, end) }
    start = end
  }
}

/** How many of a client's messages the database answers with a ReadyForQuery. */
const countStatements = (sent: Uint8Array) =>
  [...messagesOf(sent)].filter(({ type }) => type === QUERY || type === SYNC).length

const COMMIT = queryMessage('COMMIT')
const ROLLBACK = queryMessage('ROLLBACK')

export const isCommit = (sent: Uint8Array) => COMMIT.equals(sent)
export const endsTransaction = (sent: Uint8Array) => isCommit(sent) || ROLLBACK.equals(sent)

const BEGINS_OR_ENDS = /^(BEGIN|COMMIT|ROLLBACK)\b/

/** Whether a transaction is open after these statements; `before`: whether one was. */
export function leavesOpen(sent: Uint8Array, before: boolean): boolean {
  let isOpen = before
  for (const { type, body } of messagesOf(sent)) {
    const [, word] = (type === QUERY && BEGINS_OR_ENDS.exec(Buffer.from(body).toString())) || []
    if (word !== undefined) isOpen = word === 'BEGIN'
  }
  return isOpen
}

/** Whether a transaction was still open after the database answered this. */
export const wasLeftOpen = (answer: Uint8Array) => answer.at(-1) !== IDLE

export const isTerminate = (sent: Uint8Array) => sent[0] === TERMINATE

/** The text of the first error in an answer; null if there is none. */
export function errorIn(answer: Uint8Array): string | null {
  for (const { type, body } of messagesOf(answer)) {
    if (type !== ERROR) continue
    const text = Buffer.from(body)
      .toString()
      .split('\0')
      .find((field) => field.startsWith('M'))
    return text?.slice(1) ?? 'an error without a text'
  }
  return null
}

/** The rows in an answer, with all values as text. */
export function rowsIn(answer: Uint8Array): (string | null)[][] {
  return [...messagesOf(answer)].filter(({ type }) => type === DATA_ROW).map(({ body }) => valuesIn(Buffer.from(body)))
}

function valuesIn(row: Buffer): (string | null)[] {
  const values: (string | null)[] = []
  for (let at = 2; at < row.length; ) {
    const length = row.readInt32BE(at)
    at += 4
    values.push(length === -1 ? null : row.toString('utf8', at, at + length))
    at += Math.max(0, length)
  }
  return values
}

/** Whether the answer ends with a ReadyForQuery: the database has then answered everything. */
export const isWhole = (answer: Uint8Array) => answer.at(-HEADER_BYTES - 1) === READY
