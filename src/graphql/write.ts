import type { Context } from '../context.ts'
import { exactlyOnce } from '../domain/exactly-once.ts'

/** Runs a write of a tenant once for each idempotency key. */
export const writeOnce = <Answer extends object>(
  context: Context,
  operation: string,
  input: { idempotencyKey?: string | null | undefined },
  write: () => Promise<Answer>,
) => exactlyOnce(context.db, { tenantId: context.tenantId, operation, input }, write)
