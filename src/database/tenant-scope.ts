import { Prisma, type PrismaClient } from './generated/client/client.ts'

/**
 * The first wall between tenants: everything the application asks is asked for one tenant. (The second is row-level
 * security, which does not know this file; a test takes each down and holds the other alone.)
 */

/** A Prisma client, or the transaction of one. */
export type Client = Prisma.TransactionClient

const OWNED_BY_TENANT = new Set<string>([
  Prisma.ModelName.Agent,
  Prisma.ModelName.Conversation,
  Prisma.ModelName.ConversationAgent,
  Prisma.ModelName.ConversationMetadata,
  Prisma.ModelName.Message,
  Prisma.ModelName.IdempotencyKey,
])

type Arguments = Record<string, unknown>

/** What a client may see: one tenant's rows or none, and for an administrator the account's own tables too. */
export interface Reach {
  tenantId: string | null
  admin: boolean
}

/**
 * A client whose every call stays within `reach`. Nested reads and writes are not seen here: the composite
 * foreign keys, which all begin with the tenant, keep those inside.
 */
export function scopeToTenant(prisma: PrismaClient, { tenantId, admin }: Reach): PrismaClient {
  const scoped = prisma.$extends({
    query: {
      $allModels: {
        $allOperations({ model, args, query }) {
          if (OWNED_BY_TENANT.has(model)) {
            if (tenantId === null) throw new Error(`${model} was asked for without a tenant`)
            return query(narrow(args as Arguments, { tenantId }) as typeof args)
          }
          if (admin) return query(args)
          if (model !== Prisma.ModelName.Tenant || tenantId === null) throw new Error(`${model} is for administrators`)
          return query(narrow(args as Arguments, { id: tenantId }) as typeof args)
        },
      },
    },
  })
  // The extension adds no method and changes no result, so the client keeps its own type.
  return scoped as unknown as PrismaClient
}

function narrow(args: Arguments = {}, tenant: Arguments): Arguments {
  const narrowed: Arguments = { ...args }
  if ('create' in args) narrowed['create'] = { ...(args['create'] as Arguments), ...tenant }
  if ('data' in args && !('where' in args)) {
    const data = args['data'] as Arguments | Arguments[]
    narrowed['data'] = Array.isArray(data) ? data.map((row) => ({ ...row, ...tenant })) : { ...data, ...tenant }
  } else {
    narrowed['where'] = { ...(args['where'] as Arguments | undefined), ...tenant }
  }
  return narrowed
}

/** The same for hand-written SQL: the condition that every table it names must carry. */
export function ownRows(tenantId: string, table: string): Prisma.Sql {
  return Prisma.sql`${Prisma.raw(table)}.tenant_id = ${tenantId}`
}
