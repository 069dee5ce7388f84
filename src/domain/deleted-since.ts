import { readExisting } from '../database/append-conversations.ts'
import type { Statements } from '../database/statements.ts'
import { formatInputPath, type InputPath, ParleyError } from '../errors.ts'

interface Written {
  /** UUID. */
  conversationId: string
}

/**
 * Refuses retries whose conversation was deleted since: the first answer no longer holds, and nothing is written again.
 * `isNew`: whether an outcome is of this call.
 */
export async function refuseDeleted<Outcome extends Written>(
  db: Statements,
  tenantId: string,
  outcomes: readonly (Outcome | ParleyError)[],
  { isNew, pathOf }: { isNew(outcome: Outcome): boolean; pathOf(index: number): InputPath },
): Promise<(Outcome | ParleyError)[]> {
  const repeated = outcomes.filter((outcome) => !(outcome instanceof ParleyError) && !isNew(outcome)) as Outcome[]
  if (repeated.length === 0) return [...outcomes]
  const ids = repeated.map(({ conversationId }) => conversationId)
  const existing = new Set((await readExisting(db, tenantId, { ids, externalIds: [] })).map(({ id }) => id))
  return outcomes.map((outcome, index) => {
    if (outcome instanceof ParleyError || isNew(outcome) || existing.has(outcome.conversationId)) return outcome
    const inputPath = formatInputPath([...pathOf(index), 'idempotencyKey'])
    const message = `${inputPath}: this was done before, and its conversation was deleted since.`
    return new ParleyError('CONVERSATION_DELETED', message, { inputPath })
  })
}
