import type { Context } from '../context.ts'
import { throughPrisma } from '../database/sql-transactions.ts'
import type { Types } from '../graphql/builder.ts'
import { idempotent } from './idempotent-write.ts'

/** The input field of every write of a tenant. */
export const idempotencyKey = (t: PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>) =>
  t.string({
    required: false,
    description:
      'Up to 256 characters. The same key and input again is given the first answer and writes nothing; with another input: IDEMPOTENCY_CONFLICT.',
  })

/** Runs a write of a tenant once for each idempotency key. */
export const writeOnce = <Answer extends object>(
  context: Context,
  operation: string,
  input: { idempotencyKey?: string | null | undefined },
  write: () => Promise<Answer>,
) => idempotent(throughPrisma(context.db), context.tenantId, { operation, input, path: ['input'] }, write)
