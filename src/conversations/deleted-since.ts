import type { Statements } from '../database/sql-transactions.ts'
import { formatInputPath, type InputPath, ParleyError } from '../errors.ts'
import { idempotentBatch, type Request } from '../idempotency/idempotent-write.ts'
import { loadExisting } from './append-conversations.sql.ts'

interface Written {
  /** UUID. */
  conversationId: string
}

/**
 * `idempotentBatch` for writes of conversations. A retry whose conversation was deleted since is refused: its stored
 * response no longer holds, and nothing is written again.
 */
export async function eachConversationOnce<R extends Request, Outcome extends Written>(
  db: Statements,
  tenantId: string,
  requests: readonly R[],
  write: (requests: R[]) => Promise<(Outcome | ParleyError)[]>,
): Promise<(Outcome | ParleyError)[]> {
  const written = new Set<Outcome | ParleyError>()
  const outcomes = await idempotentBatch(db, tenantId, requests, async (due) => {
    const settled = await write(due)
    for (const outcome of settled) written.add(outcome)
    return settled
  })
  const isFirst = (outcome: Outcome | ParleyError) => outcome instanceof ParleyError || written.has(outcome)
  const ids = outcomes.flatMap((one) => (one instanceof ParleyError || isFirst(one) ? [] : one.conversationId))
  if (ids.length === 0) return outcomes
  const existing = new Set((await loadExisting(db, tenantId, { ids, externalIds: [] })).map(({ id }) => id))
  return outcomes.map((outcome, index) => {
    if (outcome instanceof ParleyError || isFirst(outcome) || existing.has(outcome.conversationId)) return outcome
    return conversationDeleted(requests[index]?.path ?? [])
  })
}

function conversationDeleted(path: InputPath): ParleyError {
  const inputPath = formatInputPath([...path, 'idempotencyKey'])
  const message = `${inputPath}: was used before, and its conversation has been deleted since.`
  return new ParleyError('CONVERSATION_DELETED', message, { inputPath })
}
