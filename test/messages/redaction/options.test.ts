import fc from 'fast-check'
import { expect, test } from 'vitest'
import { refusals } from '../../conversations/writes.ts'
import { startTestServer, type TestTenant } from '../../support/server.ts'
import { standsIn } from './stands-in.ts'

const server = await startTestServer()

const OPTIONS = `redactsPhoneNumbers phoneRegion redactsIbans redactionPatterns { name pattern replacement }`
const UPDATE = `mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { ${OPTIONS} } } }`
const CREATE = `mutation ($input: CreateTenantInput!) { createTenant(input: $input) { tenant { ${OPTIONS} } } }`
const NONE = { redactsPhoneNumbers: false, phoneRegion: null, redactsIbans: false, redactionPatterns: [] }
const CUSTOMER = { name: 'customer number', pattern: 'ACME-\\d{5}' }

const update = (tenant: TestTenant, input: object) => server.admin(UPDATE, { input: { id: tenant.id, ...input } })

test('a new tenant has none of the options unless it is created with them', async () => {
  const create = async (input: object) => (await server.admin(CREATE, { input })).data.createTenant.tenant
  expect(await create({ id: 'plain', name: 'Plain' })).toEqual(NONE)
  const all = { redactsPhoneNumbers: true, phoneRegion: 'DE', redactsIbans: true }
  expect(await create({ id: 'all', name: 'All', ...all, redactionPatterns: [CUSTOMER] })).toEqual({
    ...all,
    redactionPatterns: [{ ...CUSTOMER, replacement: '[customer number]' }],
  })
})

test('what an update does not name, it keeps; a list is replaced as a whole', async () => {
  const tenant = await server.newTenant()
  const after = async (input: object) => (await update(tenant, input)).data.updateTenant.tenant
  const first = { ...CUSTOMER, replacement: '' }
  expect(await after({ redactionPatterns: [first] })).toEqual({ ...NONE, redactionPatterns: [first] })
  const options = { redactsPhoneNumbers: true, phoneRegion: 'US', redactsIbans: true }
  expect(await after(options)).toEqual({ ...options, redactionPatterns: [first] })
  const nothing = { redactsPhoneNumbers: null, phoneRegion: null, redactsIbans: null, redactionPatterns: null }
  expect(await after(nothing)).toEqual({ ...options, redactionPatterns: [first] })
  expect(await after({ ...options, phoneRegion: '', redactionPatterns: [] })).toEqual({
    ...options,
    phoneRegion: null,
    redactionPatterns: [],
  })
})

const at = (index: number, name = 'pattern') => `input.redactionPatterns[${index}].${name}`
const patterns = (...sources: string[]) => sources.map((pattern) => ({ name: 'x', pattern }))

test.each([
  [patterns('(?=a)b'), `BAD_USER_INPUT ${at(0)}`],
  [patterns('a', '(?<!a)b'), `BAD_USER_INPUT ${at(1)}`],
  [patterns('(a)\\1'), `BAD_USER_INPUT ${at(0)}`],
  [patterns('(a'), `BAD_USER_INPUT ${at(0)}`],
  [patterns('*'), `BAD_USER_INPUT ${at(0)}`],
  [patterns('(a{1000}){1000}'), `BAD_USER_INPUT ${at(0)}`],
  [patterns(''), `BAD_USER_INPUT ${at(0)}`],
  [patterns('a*'), `BAD_USER_INPUT ${at(0)}`],
  [patterns('\\b'), `BAD_USER_INPUT ${at(0)}`],
  [patterns('a|'), `BAD_USER_INPUT ${at(0)}`],
  [patterns('a|\\b(?:b*c)?'), `BAD_USER_INPUT ${at(0)}`],
  [patterns('\\w+|\\B'), `BAD_USER_INPUT ${at(0)}`],
  [patterns('(?m).|^'), `BAD_USER_INPUT ${at(0)}`],
  [patterns('x|(?i:$)'), `BAD_USER_INPUT ${at(0)}`],
  [patterns('(?:\\Qa)\\E)?|\\Q'), `BAD_USER_INPUT ${at(0)}`],
  [patterns('a'.repeat(513)), `LIMIT_EXCEEDED ${at(0)}`],
  [patterns('a{600}'), `LIMIT_EXCEEDED ${at(0)}`],
  [patterns('a{200}', 'b{200}', 'c{200}'), `LIMIT_EXCEEDED ${at(2)}`],
  [patterns(...Array.from({ length: 21 }, () => 'a')), 'LIMIT_EXCEEDED input.redactionPatterns'],
  [[{ name: ' ', pattern: 'a' }], `BAD_USER_INPUT ${at(0, 'name')}`],
  [[{ name: 'x', pattern: 'a', replacement: 'x'.repeat(65) }], `LIMIT_EXCEEDED ${at(0, 'replacement')}`],
])('the patterns %j are refused', async (redactionPatterns, refusal) => {
  const tenant = await server.newTenant()
  expect(refusals(await update(tenant, { redactionPatterns }))).toEqual([refusal])
  expect((await update(tenant, {})).data.updateTenant.tenant).toEqual(NONE)
})

test('a pattern that RE2 does not understand is refused with its reason', async () => {
  const { errors } = await update(await server.newTenant(), { redactionPatterns: patterns('(?=a)b') })
  expect(errors?.[0]?.message).toBe(
    "input.redactionPatterns[0].pattern: is not a pattern in RE2's syntax, which has no backreferences and no look-around: invalid or unsupported Perl syntax: `(?=`.",
  )
})

test.each(['de', 'XX', 'Germany'])('the region %s is refused', async (phoneRegion) => {
  expect(refusals(await update(await server.newTenant(), { phoneRegion }))).toEqual([
    'BAD_USER_INPUT input.phoneRegion',
  ])
})

test('the audit log has the names of patterns, and not what they find', async () => {
  const tenant = await server.newTenant()
  await update(tenant, { redactionPatterns: [CUSTOMER], redactsIbans: true })
  const { data } = await server.admin(
    `{ auditEvents(filter: { tenantIds: ["${tenant.id}"], actions: [TENANT_UPDATED] }) { nodes { details } } }`,
  )
  expect(data.auditEvents.nodes).toEqual([{ details: { redactsIbans: true, redactionPatterns: ['customer number'] } }])
})

test('only administrators see the patterns', async () => {
  const tenant = await server.newTenant()
  await update(tenant, { redactionPatterns: [CUSTOMER] })
  const { data, errors } = await tenant.ask('{ viewer { tenant { redactionPatterns { name } } } }')
  expect(JSON.stringify(data ?? null)).not.toContain('customer')
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN'])
})

const SECRETS = ['DE89 3704 0044 0532 0130 00', '+49 30 901820', 'ACME-12345', '030 901821']
const LOG = 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { id } } }'
const COUNTS = 'redactions { phoneNumberCount ibanCount patternMatchCount emailAddressCount }'

/** A conversation with this text wherever people may have typed one. */
const everywhere = (text: string) => ({
  ...{ title: text.slice(0, 256), description: text, feedback: text },
  analysis: { summary: text, tags: [text.slice(0, 256)], extractedData: { [text]: [text] } },
  messages: [
    { chat: { role: 'USER', content: text, translation: text } },
    { chat: { role: 'USER', content: 'a', attachments: [{ url: 'https://a.example/b', name: text.slice(0, 256) }] } },
    { tool: { name: 'pay', input: { [text]: text }, output: [text], thought: text, error: `Error: ${text}` } },
    { event: { name: 'form', payload: { deep: { text } } } },
  ],
})

test('whatever is planted stands nowhere afterwards, in any text of a write', { timeout: 60_000 }, async () => {
  const tenant = await server.newTenant({ derives: true })
  await update(tenant, {
    ...{ redactsPhoneNumbers: true, phoneRegion: 'DE' },
    redactsIbans: true,
    redactionPatterns: [CUSTOMER],
  })
  const filler = fc.stringMatching(/^[a-z,.!()é ]{0,40}$/)
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(filler, fc.constantFrom(...SECRETS)), { minLength: 1, maxLength: 4 }),
      async (parts) => {
        const text = parts.map(([before, secret]) => `${before} ${secret} `).join('')
        const { data, errors } = await tenant.ask(LOG, { input: everywhere(text) })
        expect(errors).toBeUndefined()
        const by = { id: data.logConversation.conversation.id }
        const { messages: _, ...fields } = everywhere(text)
        for (const [mutation, input] of [
          ['appendMessages', { by: { externalId: 'x' }, createIfMissing: true, messages: everywhere(text).messages }],
          ['updateConversation', { by, ...fields }],
        ] as const) {
          const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`
          const write = `mutation ($input: ${type}!) { ${mutation}(input: $input) { conversation { id } } }`
          expect((await tenant.ask(write, { input })).errors).toBeUndefined()
        }
      },
    ),
    { numRuns: 5 },
  )
  expect(await standsIn(server, SECRETS, tenant)).toEqual([])
})

test('a changed setting applies to the next write, and what was redacted is counted', async () => {
  const tenant = await server.newTenant()
  const text = `${SECRETS.join(' / ')} / ada@example.org`
  const stored = async () => {
    const input = { messages: [{ chat: { role: 'USER', content: text } }] }
    const { data } = await tenant.ask(
      `mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation {
        messages { nodes { ${COUNTS} ... on ChatMessage { content } } } } } }`,
      { input },
    )
    return data.logConversation.conversation.messages.nodes[0]
  }
  expect(await stored()).toEqual({ content: text, redactions: null })
  await update(tenant, { redactsIbans: true })
  const counts = { phoneNumberCount: 0, ibanCount: 1, patternMatchCount: 0, emailAddressCount: 0 }
  expect((await stored()).redactions).toEqual(counts)
  await update(tenant, { redactsPhoneNumbers: true })
  expect((await stored()).redactions).toEqual({ ...counts, phoneNumberCount: 1 })
  await update(tenant, { phoneRegion: 'DE', redactionPatterns: [CUSTOMER], redactsPersonalData: true })
  expect(await stored()).toEqual({
    content: 'XX00 0000 0000 0000 0000 00 / +00 000 000000 / [customer number] / +00 000 000000 / email@example.com',
    redactions: { phoneNumberCount: 2, ibanCount: 1, patternMatchCount: 1, emailAddressCount: 1 },
  })
  await update(tenant, {
    redactsPhoneNumbers: false,
    redactsIbans: false,
    redactionPatterns: [],
    redactsPersonalData: false,
  })
  expect(await stored()).toEqual({ content: text, redactions: null })
})

test('a translation that is given later is redacted as well', async () => {
  const tenant = await server.newTenant()
  await update(tenant, { redactionPatterns: [CUSTOMER] })
  await tenant.ask(LOG, {
    input: { externalId: 'x', messages: [{ chat: { externalId: 'm', role: 'USER', content: 'a' } }] },
  })
  const { data } = await tenant.ask(
    `mutation ($input: UpdateMessagesInput!) { updateMessages(input: $input) { messages { ${COUNTS} ... on ChatMessage { translation } } } }`,
    { input: { by: { externalId: 'x' }, messages: [{ by: { externalId: 'm' }, translation: 'I am ACME-12345' }] } },
  )
  expect(data.updateMessages.messages[0]).toMatchObject({
    translation: 'I am [customer number]',
    redactions: { patternMatchCount: 1 },
  })
})

test('the patterns of one tenant do not touch what others write', async () => {
  const [one, other] = [await server.newTenant(), await server.newTenant()]
  await update(one, { redactionPatterns: [CUSTOMER] })
  await other.ask(LOG, { input: everywhere('ACME-12345') })
  expect((await standsIn(server, ['ACME-12345'], other)).length).toBeGreaterThan(0)
})

test('patterns change what the caller wrote in attachments and analyses, not their keys nor the status', async () => {
  const tenant = await server.newTenant()
  await update(tenant, { redactionPatterns: [{ name: 'x', pattern: '[a-zA-Z]+' }] })
  const log = `mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation {
    analysis { status summary tags extractedData } messages { nodes { ... on ChatMessage { attachments { url name mediaType } } } }
  } } }`
  const attachments = [{ url: 'https://files.example/1', name: 'one 1' }]
  const { data } = await tenant.ask(log, {
    input: {
      analysis: { status: 'RUNNING', summary: 'two 2', tags: ['three 3'], extractedData: { four: 'five 5' } },
      messages: [{ chat: { role: 'USER', content: 'six 6', attachments } }],
    },
  })
  expect(data.logConversation.conversation).toEqual({
    analysis: { status: 'RUNNING', summary: '[x] 2', tags: ['[x] 3'], extractedData: { '[x]': '[x] 5' } },
    messages: { nodes: [{ attachments: [{ url: '[x]://[x].[x]/1', name: '[x] 1', mediaType: null }] }] },
  })
})

test('a tag of which redaction leaves nothing is left out', async () => {
  const tenant = await server.newTenant()
  await update(tenant, { redactionPatterns: [{ name: 'x', pattern: '[a-z]+', replacement: '' }] })
  const log = `mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { analysis { tags } } } }`
  const messages = [{ chat: { role: 'USER', content: '1' } }]
  const { data, errors } = await tenant.ask(log, { input: { analysis: { tags: ['one', 'two 2', 'a b'] }, messages } })
  expect(errors).toBeUndefined()
  expect(data.logConversation.conversation).toEqual({ analysis: { tags: [' 2'] } })
})
