import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { refusals, stored, write } from './writes.ts'

const server = await startTestServer()
const newId = () => `t-${randomUUID()}`
const TENANT = 'tenant { id name timeZone createdAt }'
const create = (input: Record<string, unknown>) => write(server.admin, 'createTenant', input, `created ${TENANT}`)
const update = (input: Record<string, unknown>) => write(server.admin, 'updateTenant', input, TENANT)

test('a tenant is created with the id that the caller chose', async () => {
  const ids = [
    newId(),
    `!"#$%&'()*+,-./:;<=>?@[]^_{|}~${randomUUID().slice(0, 8)}`,
    randomUUID().repeat(2).slice(0, 64),
  ]
  for (const id of ids) {
    const { data } = await create({ id, name: 'Müller & Co' })
    expect(data.createTenant).toEqual({
      created: true,
      tenant: { id, name: 'Müller & Co', timeZone: 'UTC', createdAt: expect.any(String) },
    })
    expect((await server.as({ key: server.adminKey, tenantId: id })('{ viewer { tenant { id } } }')).data).toEqual({
      viewer: { tenant: { id } },
    })
  }
})

test('the same id and name again answers the tenant that exists; another name is refused', async () => {
  const id = newId()
  const { data } = await create({ id, name: 'A', timeZone: 'Europe/Berlin' })
  const before = await stored(server)
  const again = await create({ id, name: 'A', timeZone: 'Asia/Tokyo' })
  expect(again.data.createTenant).toEqual({ created: false, tenant: data.createTenant.tenant })
  expect(refusals(await create({ id, name: 'B' }))).toEqual(['EXTERNAL_ID_TAKEN input.id'])
  expect(await stored(server)).toEqual(before)
})

test('the name and the time zone are changed alone; what is absent stays', async () => {
  const id = newId()
  const { createdAt } = (await create({ id, name: 'A' })).data.createTenant.tenant
  let expected = { id, name: 'A', timeZone: 'UTC', createdAt }
  for (const change of [{ name: 'B' }, { timeZone: 'America/New_York' }, {}, { name: 'C', timeZone: 'Etc/GMT+5' }]) {
    expected = { ...expected, ...change }
    expect((await update({ id, ...change })).data.updateTenant.tenant).toEqual(expected)
  }
})

const NAMES = { name: 'A' }
await create({ id: 'old', ...NAMES })

test.each([
  ['createTenant', { id: '', ...NAMES }, 'BAD_USER_INPUT input.id'],
  ['createTenant', { id: 'a b', ...NAMES }, 'BAD_USER_INPUT input.id'],
  ['createTenant', { id: 'ä', ...NAMES }, 'BAD_USER_INPUT input.id'],
  ['createTenant', { id: 'x\n', ...NAMES }, 'BAD_USER_INPUT input.id'],
  ['createTenant', { id: 'x'.repeat(65), ...NAMES }, 'BAD_USER_INPUT input.id'],
  ['createTenant', { id: 'x'.repeat(1_000_000), ...NAMES }, 'BAD_USER_INPUT input.id'],
  ['createTenant', { id: 'new', name: ' ' }, 'BAD_USER_INPUT input.name'],
  ['createTenant', { id: 'new', name: 'x'.repeat(257) }, 'LIMIT_EXCEEDED input.name'],
  ['createTenant', { id: 'new', ...NAMES, timeZone: 'Mars/Olympus' }, 'BAD_USER_INPUT input.timeZone'],
  ['createTenant', { id: 'new', ...NAMES, timeZone: '+02:00' }, 'BAD_USER_INPUT input.timeZone'],
  ['createTenant', { id: 'new', ...NAMES, timeZone: '' }, 'BAD_USER_INPUT input.timeZone'],
  ['createTenant', { id: 'new', ...NAMES, timeZone: 'x'.repeat(1_000_000) }, 'LIMIT_EXCEEDED input.timeZone'],
  ['createTenant', { id: 'new' }, 'BAD_USER_INPUT input'],
  ['createTenant', { id: 'new', name: null }, 'BAD_USER_INPUT input.name'],
  ['updateTenant', { id: 'nobody', name: 'B' }, 'NOT_FOUND input.id'],
  ['updateTenant', { id: 'nobody' }, 'NOT_FOUND input.id'],
  ['updateTenant', { id: 'old', name: '' }, 'BAD_USER_INPUT input.name'],
  ['updateTenant', { id: 'old', timeZone: 'CEST' }, 'BAD_USER_INPUT input.timeZone'],
])('%s %#: refused and nothing stored', async (mutation, input, refusal) => {
  const before = await stored(server)
  expect(refusals(await write(server.admin, mutation, input, 'tenant { id }'))).toEqual([refusal])
  expect(await stored(server)).toEqual(before)
})
