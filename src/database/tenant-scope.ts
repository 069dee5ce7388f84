import type { DatabaseBudget } from '../fairness/database-budget.ts'
import type { Holder } from '../fairness/holder.ts'
import type { AgentSet } from '../input/agent-set.ts'
import type { MetadataEntry } from '../metadata/metadata-entries.ts'
import { Prisma, type PrismaClient } from './generated/client/client.ts'
import { inLine } from './statement-line.ts'

/**
 * The first wall between tenants: every query of the application is for one tenant. (The second wall is row-level
 * security, which does not depend on this file; a test removes each of them and checks that the other holds by itself.)
 */

/** A Prisma client, or the transaction of one. */
export type Client = Prisma.TransactionClient

const OWNED_BY_TENANT = new Set<string>([
  Prisma.ModelName.Agent,
  Prisma.ModelName.Conversation,
  Prisma.ModelName.ConversationChange,
  Prisma.ModelName.ConversationRollup,
  Prisma.ModelName.ConversationAgent,
  Prisma.ModelName.ConversationMetadata,
  Prisma.ModelName.Message,
  Prisma.ModelName.IdempotencyKey,
  Prisma.ModelName.TenantJob,
  Prisma.ModelName.TrustedDocument,
])

const READS = new Set([
  'findFirst',
  'findFirstOrThrow',
  'findUnique',
  'findUniqueOrThrow',
  'findMany',
  'count',
  'aggregate',
  'groupBy',
])

type Arguments = Record<string, unknown>

/** What a client may see: one tenant's rows or none, and for an administrator the account's own tables too. */
export interface AccessScope {
  tenantId: string | null
  admin: boolean
  /** The rows that a token is restricted to; null: all of its tenant's. A restricted client only reads. */
  rowRestriction: RowRestriction | null
  /** Whom it works for. Default: the tenant as a whole. */
  holder?: Holder | null
  /** What its request may still use. Default: the budget of a request that does nothing else. */
  budget?: DatabaseBudget | null
}

/** Conversations that match all of this, and what belongs to them. */
export interface RowRestriction {
  /** With at least one of these agents. */
  agents: AgentSet | null
  /** Of one of these end users. */
  endUserIds: readonly string[] | null
  /** With all of these metadata values. */
  metadata: readonly MetadataEntry[]
}

/**
 * A client whose every call stays within this access scope. It does not see nested reads and writes: the composite
 * foreign keys, which all begin with the tenant, keep those inside.
 */
export function scopeToTenant(prisma: PrismaClient, { tenantId, admin, rowRestriction }: AccessScope): PrismaClient {
  const scoped = prisma.$extends({
    query: {
      $allModels: {
        $allOperations({ model, operation, args, query }) {
          if (rowRestriction && !READS.has(operation))
            throw new Error(`${operation} under a row restriction, which allows only reads`)
          if (OWNED_BY_TENANT.has(model)) {
            if (tenantId === null) throw new Error(`${model} was queried without a tenant`)
            const narrowed = narrow(
              args as Arguments,
              { tenantId },
              rowRestriction && restrictRows(model, rowRestriction),
            ) as typeof args
            return inLine(() => query(narrowed))
          }
          if (admin) return query(args)
          // Everybody's actions are recorded, each in their own tenant; only administrators may read the records.
          if (model === Prisma.ModelName.AuditEvent && operation === 'createMany' && tenantId !== null) {
            return query(narrow(args as Arguments, { tenantId }) as typeof args)
          }
          if (model !== Prisma.ModelName.Tenant || tenantId === null) throw new Error(`${model} is for administrators`)
          return query(narrow(args as Arguments, { id: tenantId }) as typeof args)
        },
      },
    },
  })
  // The extension adds no method and changes no result, so the client keeps its own type.
  return scoped as unknown as PrismaClient
}

function narrow(args: Arguments = {}, tenant: Arguments, restriction: Arguments | null = null): Arguments {
  const narrowed: Arguments = { ...args }
  if ('create' in args) narrowed['create'] = { ...(args['create'] as Arguments), ...tenant }
  if ('data' in args && !('where' in args)) {
    const data = args['data'] as Arguments | Arguments[]
    narrowed['data'] = Array.isArray(data) ? data.map((row) => ({ ...row, ...tenant })) : { ...data, ...tenant }
  } else {
    const where = args['where'] as Arguments | undefined
    narrowed['where'] = {
      ...where,
      ...tenant,
      ...(restriction ? { AND: [...[where?.['AND'] ?? []].flat(), restriction] } : {}),
    }
  }
  return narrowed
}

/** The rows of a model that a row restriction leaves, as a Prisma condition. */
function restrictRows(model: string, { agents, endUserIds, metadata }: RowRestriction): Arguments {
  const isOfThese = agents && { OR: [{ id: { in: [...agents.ids] } }, { externalId: { in: [...agents.externalIds] } }] }
  const conversation: Prisma.ConversationWhereInput = {
    AND: [
      ...(isOfThese ? [{ agentLinks: { some: { agent: isOfThese } } }] : []),
      ...(endUserIds ? [{ endUserId: { in: [...endUserIds] } }] : []),
      ...metadata.map((entry) => ({ metadataEntries: { some: entry } })),
    ],
  }
  if (model === Prisma.ModelName.Conversation) return conversation as Arguments
  if (model !== Prisma.ModelName.Agent) return { conversation }
  const agent: Prisma.AgentWhereInput = {
    ...isOfThese,
    ...(endUserIds || metadata.length > 0 ? { conversationAgents: { some: { conversation } } } : {}),
  }
  return agent as Arguments
}

/** The same for hand-written SQL: the condition that every table it names must carry. */
export function ownRows(tenantId: string, table: string): Prisma.Sql {
  return Prisma.sql`${Prisma.raw(table)}.tenant_id = ${tenantId}`
}
