import { expect, test } from 'vitest'
import { pruneChanges } from '../../src/live/change-log.sql.ts'
import { startTestServer, type TestTenant } from '../support/server.ts'
import { append, log, remove, update } from './conversations.ts'

const server = await startTestServer()

const rowsOf = ({ id }: TestTenant) =>
  server.owner(
    `SELECT kind::text, changed_at < now() - interval '24 hours' AS old FROM conversation_changes
     WHERE tenant_id = '${id}' ORDER BY transaction_id, conversation_id`,
  )

/** Makes the first so many changes of a tenant older than what is kept. */
const age = ({ id }: TestTenant, count: number) =>
  server.owner(`
    UPDATE conversation_changes SET changed_at = changed_at - interval '25 hours'
    WHERE (tenant_id, transaction_id, conversation_id) IN (
      SELECT tenant_id, transaction_id, conversation_id FROM conversation_changes
      WHERE tenant_id = '${id}' ORDER BY transaction_id LIMIT ${count})`)

test('every way of writing leaves a change behind, one for each transaction', async () => {
  const tenant = await server.newTenant()
  const id = await log(tenant.ask)
  await append(tenant.ask, id, ['Hello'], { metadata: { a: 1 } })
  await append(tenant.ask, id, [{ event: { name: 'trace', visibility: 'INTERNAL' } }])
  await update(tenant.ask, id, { metadata: { a: 2 }, feedback: 'Good' })
  await remove(tenant.ask, id)
  // What fails is no change, nor is what was done already.
  await tenant.ask('mutation { deleteConversation(input: { by: { externalId: "nobody" } }) { deletedId } }')
  expect((await rowsOf(tenant)).map(({ kind }) => kind)).toEqual([
    'CREATED',
    'MESSAGES',
    'INTERNAL_MESSAGES',
    'UPDATED',
    'DELETED',
  ])
})

test('pruning removes what is old but for the last of it, of one tenant, and nothing young', async () => {
  const [tenant, other] = [await server.newTenant(), await server.newTenant()]
  for (const { ask } of [tenant, other]) for (let i = 0; i < 4; i++) await log(ask)
  await age(tenant, 3)
  await age(other, 3)
  await pruneChanges(server.database, tenant.id)
  expect(await rowsOf(tenant)).toEqual([
    { kind: 'CREATED', old: true },
    { kind: 'CREATED', old: false },
  ])
  expect(await rowsOf(other)).toHaveLength(4)
  await age(tenant, 2)
  await pruneChanges(server.database, tenant.id)
  expect(await rowsOf(tenant)).toEqual([{ kind: 'CREATED', old: true }])
})

test('whoever writes prunes', async () => {
  const tenant = await server.newTenant()
  await server.owner(`
    INSERT INTO conversation_changes (tenant_id, transaction_id, conversation_id, kind, changed_at)
    SELECT '${tenant.id}', n, gen_random_uuid(), 'UPDATED', now() - interval '25 hours' FROM generate_series(1, 20) n`)
  await log(tenant.ask)
  await expect
    .poll(() => rowsOf(tenant))
    .toEqual([
      { kind: 'UPDATED', old: true },
      { kind: 'CREATED', old: false },
    ])
})
