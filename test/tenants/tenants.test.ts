import { afterEach, expect, inject, test } from 'vitest'
import { codes, startTestServer } from '../support/server.ts'

const server = await startTestServer()
const { admin } = server
afterEach(() => {
  server.clock.now = null
})

const CREATE = `mutation ($input: CreateTenantInput!) { createTenant(input: $input) { created tenant { id name timeZone } } }`
const UPDATE = `mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { id name timeZone } } }`
const TENANT = `query ($id: ID!) { tenant(id: $id) { id name timeZone createdAt } }`

const refusal = (field: string, code: string, message: string, extensions: Record<string, unknown>) => [
  expect.objectContaining({ message, path: [field], extensions: { code, ...extensions } }),
]
const badId = refusal(
  'createTenant',
  'BAD_USER_INPUT',
  'input.id: must be 1 to 64 visible ASCII characters without spaces.',
  { inputPath: 'input.id' },
)

test('a tenant is created under an id of the caller’s own', async () => {
  const answer = await admin(CREATE, { input: { id: 'acme', name: 'Acme Ltd', timeZone: 'Europe/Berlin' } })
  const tenant = { id: 'acme', name: 'Acme Ltd', timeZone: 'Europe/Berlin' }
  expect(answer.data).toEqual({ createTenant: { created: true, tenant } })
  expect((await admin(TENANT, { id: 'acme' })).data).toEqual({
    tenant: { ...tenant, createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/) },
  })
})

test('the same id and name again answers the tenant that exists, unchanged', async () => {
  const input = { id: 'again', name: 'Again', timeZone: 'Asia/Tokyo' }
  expect((await admin(CREATE, { input })).data.createTenant.created).toBe(true)
  expect((await admin(CREATE, { input: { id: 'again', name: 'Again' } })).data).toEqual({
    createTenant: { created: false, tenant: input },
  })
})

test('the same id with another name is refused', async () => {
  await admin(CREATE, { input: { id: 'taken', name: 'First' } })
  const answer = await admin(CREATE, { input: { id: 'taken', name: 'Second' } })
  expect(answer.errors).toEqual(
    refusal('createTenant', 'EXTERNAL_ID_TAKEN', 'input.id: a tenant "taken" exists with a different name.', {
      inputPath: 'input.id',
    }),
  )
  expect((await admin(TENANT, { id: 'taken' })).data.tenant.name).toBe('First')
})

test('an id is 1 to 64 visible ASCII characters', async () => {
  for (const id of ['', ' ', 'a b', ' a', 'a\n', 'a\tb', 'ä', '🏢', 'a\u007f', 'x'.repeat(65)]) {
    expect((await admin(CREATE, { input: { id, name: 'Bad' } })).errors, JSON.stringify(id)).toEqual(badId)
  }
  for (const id of ['1', 'x'.repeat(64), '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', 'null']) {
    expect((await admin(CREATE, { input: { id, name: 'Good' } })).data).toMatchObject({
      createTenant: { created: true, tenant: { id } },
    })
  }
})

test('every id that can be created can be named in X-Tenant-Id', async () => {
  for (const id of ['odd,"id"', `a'; DROP TABLE tenants; --`.replaceAll(' ', ''), '\\', '$$', '%41', '*']) {
    await admin(CREATE, { input: { id, name: 'Odd' } })
    const answer = await server.ask({ key: server.adminKey, tenantId: id }, '{ viewer { tenant { id } } }')
    expect(answer.data).toEqual({ viewer: { tenant: { id } } })
  }
})

test('ids that differ in case are two tenants', async () => {
  await admin(CREATE, { input: { id: 'Case', name: 'Upper' } })
  expect((await admin(CREATE, { input: { id: 'case', name: 'Lower' } })).data.createTenant.created).toBe(true)
})

test('a name is needed, of at most 256 characters', async () => {
  for (const name of ['', '  ']) {
    expect((await admin(CREATE, { input: { id: 'nameless', name } })).errors).toEqual(
      refusal('createTenant', 'BAD_USER_INPUT', 'input.name: must not be empty.', { inputPath: 'input.name' }),
    )
  }
  expect((await admin(CREATE, { input: { id: 'nameless', name: 'n'.repeat(257) } })).errors).toEqual(
    refusal('createTenant', 'LIMIT_EXCEEDED', 'input.name: is longer than 256 characters.', {
      inputPath: 'input.name',
      limit: 256,
    }),
  )
  expect((await admin(TENANT, { id: 'nameless' })).data).toEqual({ tenant: null })
})

test('a time zone is kept by the name that it was given, in canonical spelling', async () => {
  const zones = [
    'UTC',
    'Europe/Berlin',
    'Asia/Kolkata',
    'Asia/Kathmandu',
    'America/Argentina/Ushuaia',
    'Etc/GMT+5',
    'America/Port-au-Prince',
    'Antarctica/McMurdo',
  ]
  for (const [index, timeZone] of zones.entries()) {
    const { data } = await admin(CREATE, { input: { id: `zone-${index}`, name: 'Zone', timeZone } })
    expect(data.createTenant.tenant.timeZone).toBe(timeZone)
    const spelled = index % 2 ? timeZone.toUpperCase() : timeZone.toLowerCase()
    const updated = await admin(UPDATE, { input: { id: `zone-${index}`, timeZone: spelled } })
    expect(updated.data.updateTenant.tenant.timeZone).toBe(timeZone)
  }
})

test('a time zone that is none is refused', async () => {
  for (const timeZone of ['', 'Mars/Olympus', 'Berlin', '+02:00', '-0500', 'UTC+2', 'Europe/Berlin ', 'Etc/Unknown']) {
    const answer = await admin(CREATE, { input: { id: 'zoneless', name: 'Zone', timeZone } })
    expect(answer.errors, timeZone).toEqual(
      refusal('createTenant', 'BAD_USER_INPUT', `input.timeZone: "${timeZone}" is not an IANA time zone.`, {
        inputPath: 'input.timeZone',
      }),
    )
  }
})

test('an update changes what is given and keeps the rest', async () => {
  await admin(CREATE, { input: { id: 'moving', name: 'Moving', timeZone: 'Asia/Tokyo' } })
  const update = async (input: object) =>
    (await admin(UPDATE, { input: { id: 'moving', ...input } })).data.updateTenant.tenant
  expect(await update({ name: 'Moved' })).toEqual({ id: 'moving', name: 'Moved', timeZone: 'Asia/Tokyo' })
  expect(await update({ timeZone: 'Africa/Lagos' })).toEqual({ id: 'moving', name: 'Moved', timeZone: 'Africa/Lagos' })
  expect(await update({ name: null, timeZone: null })).toEqual({
    id: 'moving',
    name: 'Moved',
    timeZone: 'Africa/Lagos',
  })
  expect(await update({})).toEqual({ id: 'moving', name: 'Moved', timeZone: 'Africa/Lagos' })
})

test('an update is held to the same rules, and needs a tenant', async () => {
  await admin(CREATE, { input: { id: 'strict', name: 'Strict' } })
  const refused = async (input: object) => (await admin(UPDATE, { input })).errors?.[0]
  expect((await refused({ id: 'strict', name: ' ' }))?.extensions).toEqual({
    code: 'BAD_USER_INPUT',
    inputPath: 'input.name',
  })
  expect((await refused({ id: 'strict', timeZone: 'Nowhere' }))?.extensions).toEqual({
    code: 'BAD_USER_INPUT',
    inputPath: 'input.timeZone',
  })
  expect((await refused({ id: 'nobody', name: 'Nobody' }))?.extensions).toEqual({
    code: 'NOT_FOUND',
    inputPath: 'input.id',
  })
})

test('tenants are listed by id, page by page', async () => {
  for (const id of ['~page-b', '~page-a', '~page-c']) await admin(CREATE, { input: { id, name: 'Page' } })
  const document = `query ($last: Int, $before: String) {
    tenants(last: $last, before: $before) { nodes { id } totalCount pageInfo { hasPreviousPage startCursor } }
  }`
  const { tenants: page } = (await admin(document, { last: 2 })).data
  expect(page.nodes).toEqual([{ id: '~page-b' }, { id: '~page-c' }])
  const { tenants: earlier } = (await admin(document, { last: 1, before: page.pageInfo.startCursor })).data
  expect(earlier.nodes).toEqual([{ id: '~page-a' }])
  const [stored] = await server.owner('SELECT count(*)::int AS count FROM tenants')
  expect(page.totalCount).toBe(stored?.['count'])
})

test('a tenant that does not exist is null', async () => {
  for (const id of ['nobody', '', 'ä', 'x'.repeat(1_000)]) {
    expect((await admin(TENANT, { id })).data).toEqual({ tenant: null })
  }
})

test('a tenant’s own key reads no tenant but as viewer', async () => {
  const tenant = await server.newTenant()
  expect(codes(await tenant.ask(TENANT, { id: tenant.id }))).toEqual(['FORBIDDEN'])
  expect((await tenant.ask('{ viewer { tenant { id } } }')).data).toEqual({ viewer: { tenant: { id: tenant.id } } })
})

test.skipIf(inject('databaseKind') === 'pglite')('of two who create a tenant at once, one does', async () => {
  const input = { id: 'at-once', name: 'At once' }
  const answers = await Promise.all([admin(CREATE, { input }), admin(CREATE, { input })])
  expect(answers.map(({ data }) => data.createTenant.created).sort()).toEqual([false, true])
})
