import { createHash } from 'node:crypto'
import type { Client } from '../database/tenant-scope.ts'
import { ParleyError } from '../errors.ts'
import { checkName } from './message-rows.ts'

/** A write as the caller asked for it. */
export interface Request {
  tenantId: string
  /** The mutation: one key is good for one. */
  operation: string
  /** Its whole input, as it came. */
  input: { idempotencyKey?: string | null | undefined }
}

/**
 * Writes once: the same key with the same input again is given the first answer, and nothing is written. The key is
 * stored in the transaction of the write, so both hold or neither; a retry that arrives meanwhile waits for it.
 * `write` answers what can be kept as JSON.
 */
export async function exactlyOnce<Answer extends object>(
  db: Client,
  request: Request,
  write: () => Promise<Answer>,
): Promise<Answer> {
  const { idempotencyKey: key, ...input } = request.input
  if (key == null) return write()
  checkName(key, ['input', 'idempotencyKey'])
  const hash = createHash('sha256')
    .update(`${request.operation}\n${canonicalJson(input)}`)
    .digest()
  const claimed = await db.$executeRaw`
    INSERT INTO idempotency_keys (tenant_id, key, input_hash) VALUES (${request.tenantId}, ${key}, ${hash})
    ON CONFLICT DO NOTHING`
  if (claimed === 0) return firstAnswer(db, key, hash)
  const answer = await write()
  await db.idempotencyKey.updateMany({ where: { key }, data: { answer } })
  return answer
}

async function firstAnswer<Answer>(db: Client, key: string, hash: Buffer): Promise<Answer> {
  const first = await db.idempotencyKey.findFirstOrThrow({ where: { key } })
  if (!hash.equals(first.inputHash)) {
    throw new ParleyError('IDEMPOTENCY_CONFLICT', 'input.idempotencyKey: was used before with another input.', {
      inputPath: 'input.idempotencyKey',
    })
  }
  // Written by the same operation, which the hash covers.
  return first.answer as Answer
}

/** JSON with sorted keys: two inputs that say the same hash the same. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item) && !(item instanceof Date)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : item,
  )
}
