import { expect, test } from 'vitest'
import { codes, startTestServer } from '../support/server.ts'

const server = await startTestServer()
const { admin } = server

const CREATE =
  'mutation ($input: CreateTenantInput!) { createTenant(input: $input) { created tenant { allowedOrigins } } }'
const UPDATE =
  'mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { name allowedOrigins } } }'

const APP = 'https://app.example.com'
const LOCAL = 'http://localhost:5173'

test('a tenant is created with origins or without, each kept once', async () => {
  const create = async (id: string, more: object) =>
    (await admin(CREATE, { input: { id, name: id, ...more } })).data.createTenant
  expect(await create('none', {})).toEqual({ created: true, tenant: { allowedOrigins: [] } })
  expect(await create('two', { allowedOrigins: [APP, LOCAL, APP] })).toEqual({
    created: true,
    tenant: { allowedOrigins: [APP, LOCAL] },
  })
  expect(await create('two', { allowedOrigins: [] })).toEqual({
    created: false,
    tenant: { allowedOrigins: [APP, LOCAL] },
  })
})

test('an update replaces the list; absent and null keep it', async () => {
  const { id, ask } = await server.newTenant()
  const update = async (input: object) => (await admin(UPDATE, { input: { id, ...input } })).data.updateTenant.tenant
  expect(await update({ allowedOrigins: [APP] })).toEqual({ name: id, allowedOrigins: [APP] })
  expect(await update({ name: 'New' })).toEqual({ name: 'New', allowedOrigins: [APP] })
  expect(await update({ allowedOrigins: null })).toEqual({ name: 'New', allowedOrigins: [APP] })
  expect(await update({ allowedOrigins: [LOCAL] })).toEqual({ name: 'New', allowedOrigins: [LOCAL] })
  expect((await ask('{ viewer { tenant { allowedOrigins } } }')).data.viewer.tenant).toEqual({
    allowedOrigins: [LOCAL],
  })
  expect(await update({ allowedOrigins: [] })).toEqual({ name: 'New', allowedOrigins: [] })
})

test.each([
  '*',
  'null',
  '',
  'app.example.com',
  `${APP}/`,
  `${APP}:443`,
  'https://App.example.com',
  'https://user@app.example.com',
  'https://*.example.com',
  'javascript:alert(1)',
  'file:///page.html',
  ' https://app.example.com',
])('%s is no origin of a web page', async (origin) => {
  const { id } = await server.newTenant()
  const { errors } = await admin(UPDATE, { input: { id, allowedOrigins: [APP, origin] } })
  expect(errors).toEqual([
    expect.objectContaining({
      message: 'input.allowedOrigins[1]: must be the exact origin of a web page, such as https://app.example.com.',
      extensions: { code: 'BAD_USER_INPUT', inputPath: 'input.allowedOrigins[1]' },
    }),
  ])
})

test('twenty are taken, and one more is not', async () => {
  const { id } = await server.newTenant()
  const origins = (count: number) => Array.from({ length: count }, (_, i) => `https://app-${i}.example.com`)
  const update = (allowedOrigins: string[]) => admin(UPDATE, { input: { id, allowedOrigins } })
  expect((await update(origins(20))).data.updateTenant.tenant.allowedOrigins).toHaveLength(20)
  expect((await update(origins(21))).errors?.[0]?.extensions).toEqual({
    code: 'LIMIT_EXCEEDED',
    inputPath: 'input.allowedOrigins',
    limit: 20,
  })
})

test('a tenant does not say for itself whose pages may read', async () => {
  const { id, ask } = await server.newTenant()
  expect(codes(await ask(UPDATE, { input: { id, allowedOrigins: [APP] } }))).toEqual(['FORBIDDEN'])
})
