import type { Context } from '../context.ts'
import { throughPrisma } from '../database/sql-transactions.ts'
import type { InputFields } from '../graphql/builder.ts'
import { idempotent } from './idempotent-write.ts'

/** The input field that every write of a tenant has. */
export const idempotencyKey = (t: InputFields) =>
  t.string({
    required: false,
    description:
      'Idempotency key, up to 256 characters, unique within the tenant. A retry with the same key and input returns the first result and writes nothing. The same key with a different input or mutation is refused with IDEMPOTENCY_CONFLICT. A key does not expire; a refused call does not use it up.',
  })

/** Runs a tenant's write once for each idempotency key. */
export const writeOnce = <Answer extends object>(
  context: Context,
  operation: string,
  input: { idempotencyKey?: string | null | undefined },
  write: () => Promise<Answer>,
) => idempotent(throughPrisma(context.db), context.tenantId, { operation, input, path: ['input'] }, write)
