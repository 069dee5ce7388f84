import { describe, expect, test } from 'vitest'
import { Prisma, type PrismaClient } from '../../src/database/generated/client/client.ts'
import { type AccessScope, scopeToTenant } from '../../src/database/tenant-scope.ts'

/**
 * The first wall by itself: what becomes of the arguments of every call to Prisma. Nothing in the server asks for what it
 * refuses, so no other test would notice if it stopped to.
 */

type Arguments = Record<string, unknown>
type Call = (call: {
  model: string
  operation: string
  args: Arguments
  query: (args: Arguments) => unknown
}) => unknown

/** What would be sent to the database; throws if it is refused. */
function asked(reach: Partial<AccessScope>, model: string, operation: string, args: Arguments = {}): unknown {
  let scoped: Call = () => undefined
  const prisma = {
    $extends(extension: { query: { $allModels: { $allOperations: Call } } }) {
      scoped = extension.query.$allModels.$allOperations
    },
  }
  scopeToTenant(prisma as unknown as PrismaClient, { tenantId: 'acme', admin: false, rowRestriction: null, ...reach })
  return scoped({ model, operation, args, query: (args) => args })
}

/** Tables with a column for the tenant that are the account's all the same. */
const OF_ACCOUNT: string[] = [Prisma.ModelName.ApiKey, Prisma.ModelName.AuditEvent]

const models = Object.values(Prisma.ModelName)
const fieldsOf = (model: string) => Object.values(Prisma[`${model}ScalarFieldEnum` as 'AgentScalarFieldEnum'] ?? {})
const owned = models.filter(
  (model) => (fieldsOf(model) as string[]).includes('tenantId') && !OF_ACCOUNT.includes(model),
)
const others = models.filter((model) => !owned.includes(model) && model !== Prisma.ModelName.Tenant)
const nothing = { agents: { ids: [], externalIds: [] }, endUserIds: null, metadata: [] }

test('there are models of each kind', () => {
  expect(owned).toContain('Message')
  expect(others).toContain('SigningKey')
})

describe.each(owned)('%s', (model) => {
  test('is read and changed within the tenant, whatever the caller asks for', () => {
    const where = { id: 'one', tenantId: 'other' }
    for (const operation of ['findMany', 'findUnique', 'count', 'deleteMany']) {
      expect(asked({}, model, operation, { where })).toEqual({ where: { id: 'one', tenantId: 'acme' } })
      expect(asked({}, model, operation)).toEqual({ where: { tenantId: 'acme' } })
    }
    const data = { name: 'x' }
    expect(asked({}, model, 'updateMany', { where, data })).toEqual({ where: { id: 'one', tenantId: 'acme' }, data })
  })

  test('is written in the tenant, whatever the caller says', () => {
    const row = { id: 'one', tenantId: 'other' }
    const own = { id: 'one', tenantId: 'acme' }
    expect(asked({}, model, 'create', { data: row })).toEqual({ data: own })
    expect(asked({}, model, 'createMany', { data: [row, row] })).toEqual({ data: [own, own] })
    expect(asked({}, model, 'upsert', { where: row, create: row, update: {} })).toEqual({
      where: own,
      create: own,
      update: {},
    })
  })

  test('is not there without a tenant, not even for an administrator', () => {
    for (const admin of [false, true]) {
      expect(() => asked({ tenantId: null, admin }, model, 'findMany')).toThrow('was queried without a tenant')
    }
  })

  test('is not written to under a row restriction, and is narrowed when it is read', () => {
    for (const operation of ['create', 'createMany', 'update', 'updateMany', 'upsert', 'delete', 'deleteMany']) {
      expect(() => asked({ rowRestriction: nothing }, model, operation, { data: {} })).toThrow(
        'under a row restriction, which allows only reads',
      )
    }
    const lock = {
      agents: { ids: ['agent'], externalIds: ['bot'] },
      endUserIds: ['ada'],
      metadata: [{ path: '/customer', value: 'sone' }],
    }
    const read = (reach: Partial<AccessScope>) =>
      JSON.stringify(asked(reach, model, 'findMany', { where: { AND: { id: 1 } } }))
    expect(read({ rowRestriction: lock })).toContain('"OR":[{"id":{"in":["agent"]}},{"externalId":{"in":["bot"]}}]')
    expect(read({ rowRestriction: lock })).toContain('"endUserId":{"in":["ada"]}')
    expect(read({ rowRestriction: lock })).toContain('{"path":"/customer","value":"sone"}')
    expect(read({ rowRestriction: lock })).toContain('{"id":1}')
    expect(read({ rowRestriction: nothing })).toContain('"in":[]')
  })
})

describe.each(others)('%s', (model) => {
  test('is an administrator’s, as it is', () => {
    expect(asked({ admin: true, tenantId: null }, model, 'findMany', { where: { id: 'one' } })).toEqual({
      where: { id: 'one' },
    })
    for (const operation of ['findMany', 'count', 'create', 'update', 'deleteMany']) {
      expect(() => asked({}, model, operation, { data: {} })).toThrow('is for administrators')
    }
  })
})

test('of tenants, a tenant sees and changes itself', () => {
  expect(asked({}, 'Tenant', 'findMany', { where: { id: 'other' } })).toEqual({ where: { id: 'acme' } })
  expect(asked({}, 'Tenant', 'update', { where: { id: 'other' }, data: {} })).toEqual({
    where: { id: 'acme' },
    data: {},
  })
  expect(() => asked({ tenantId: null }, 'Tenant', 'findMany')).toThrow('is for administrators')
})

test('of audit events, a tenant adds its own', () => {
  const data = [{ action: 'DATA_WRITTEN', tenantId: 'other' }]
  expect(asked({}, 'AuditEvent', 'createMany', { data })).toEqual({ data: [{ ...data[0], tenantId: 'acme' }] })
  expect(() => asked({ tenantId: null }, 'AuditEvent', 'createMany', { data })).toThrow('is for administrators')
  expect(() => asked({}, 'AuditEvent', 'findMany')).toThrow('is for administrators')
})
