import { QUERY_CANCELED } from '../error-code.ts'
import { ABORTED, type EmbeddedStream, IN_FAILED_TRANSACTION } from './stream.ts'
import type { CopyRequest } from './thread.ts'
import { failures, isCommit, leavesOpen } from './wire.ts'

/** What was sent and has no answer yet. */
export interface Sent {
  messages: Uint8Array | CopyRequest
  stream: EmbeddedStream | null
  /** Instead of the time limit of statements. */
  limitMs?: number
  answered(answer: Uint8Array): void
  lost(error: Error): void
}

/** The embedded database is not open, or was lost. */
export class EmbeddedLost extends Error {
  /** The code of a socket, so that the rest of the code treats it as a lost connection. */
  readonly code = 'ECONNRESET'
}

/** Answers what this stream has sent. Returns whether its transaction is still open, so that it still has to end. */
export function refuseAll(all: readonly Sent[], stream: EmbeddedStream, text: string): boolean {
  let { isInTransaction } = stream
  let sqlState = QUERY_CANCELED
  for (const { messages, answered, ...sent } of all) {
    // The outcome of a commit is unknown: it is lost, and so is anything sent after it.
    if (sent.stream !== stream || !(messages instanceof Uint8Array) || isCommit(messages)) return false
    answered(failures(messages, sqlState, sqlState === QUERY_CANCELED ? text : ABORTED))
    sqlState = IN_FAILED_TRANSACTION
    isInTransaction = leavesOpen(messages, isInTransaction)
  }
  return isInTransaction
}
