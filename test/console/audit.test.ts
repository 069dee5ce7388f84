import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { detailsOf } from '../../src/console/audit/audit-details.ts'
import { ACTION_TEXTS, ACTOR_TEXTS, OBJECT_TEXTS, OUTCOME_TEXTS } from '../../src/console/audit/audit-texts.ts'
import type { AuditEntry } from '../../src/console/audit/documents.ts'
import { schema } from '../../src/schema/schema.ts'
import { canBrowse } from '../support/browser.ts'
import { createTenant, createTokens, loggedIds, shownIds } from './audit-stage.ts'
import { expectNoComplaint, setUpConsole } from './stage.ts'

test.each([
  ['AuditAction', ACTION_TEXTS],
  ['AuditActorKind', ACTOR_TEXTS],
  ['AuditObjectType', OBJECT_TEXTS],
  ['AuditOutcome', OUTCOME_TEXTS],
])('every value of %s has a text of its own', (name, texts) => {
  const type = schema.getType(name)
  const values = type && 'getValues' in type ? type.getValues().map((value) => value.name) : []
  expect(values.length).toBeGreaterThan(1)
  expect(Object.keys(texts).toSorted()).toEqual(values.toSorted())
  expect(new Set(Object.values(texts)).size).toBe(values.length)
})

test('details are shown in words, and what is unknown as it is', () => {
  const details = {
    overlapSeconds: 3600,
    scopes: ['ADMIN', 'OF_LATER'],
    expiresAt: null,
    repeated: true,
    allowedNetworks: [],
    ofLater: { nested: ['<b>', 1] },
  }
  // Only the details of an event are read.
  const shown = detailsOf({ details } as Partial<AuditEntry> as AuditEntry)
  expect(shown.map(({ label, value }) => `${label}: ${value}`)).toEqual([
    'Old secret accepted for: 3,600 seconds',
    'Scopes: Administer, OF_LATER',
    'Expires: Never',
    'Returned again, to a retry: Yes',
    'Allowed networks: Any address',
    'ofLater: {"nested":["<b>",1]}',
  ])
})

describe.runIf(canBrowse('The audit log'))('the audit log', async () => {
  const stage = await setUpConsole()
  const { server } = stage

  const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text })
  const expectShown = async (page: Page, filter: object) => {
    const logged = await loggedIds(server, filter)
    await expect.poll(() => shownIds(page)).toEqual(logged.slice(0, 50))
    return logged
  }

  test('says who did what to which object, from where and with which outcome', async () => {
    const { id: tenantId, keyId, key } = await server.newTenant()
    await server.admin('mutation ($input: RegenerateApiKeyInput!) { regenerateApiKey(input: $input) { secret } }', {
      input: { id: keyId, overlapSeconds: 600 },
    })
    for (let attempt = 0; attempt < 3; attempt += 1) await server.ask({ key }, '{ auditEvents { totalCount } }')
    await server.refusals.flush()
    const visited = await stage.signIn({ hash: '#audit' })
    const { page } = visited
    const regenerated = row(page, 'Regenerated API key').first()
    await regenerated.getByText('Account key').waitFor()
    expect(await regenerated.getByRole('link', { name: keyId }).getAttribute('href')).toBe(`#keys/key/${keyId}`)
    expect(await regenerated.getByRole('link', { name: tenantId }).getAttribute('href')).toBe(`#tenants/${tenantId}`)
    expect(await regenerated.getByText('less than a minute ago').getAttribute('title')).toMatch(/\d\d:\d\d:\d\d CET/)
    await regenerated.getByText('Details').click()
    await regenerated.getByText('600 seconds').waitFor()
    const refused = row(page, 'Tried to read account data').first()
    for (const text of ['Refused', 'FORBIDDEN', 'Tenant key', keyId]) await refused.getByText(text).waitFor()
    await expectNoComplaint(visited)
    await page.setViewportSize({ width: 390, height: 844 })
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    await expectNoComplaint(visited)
  })

  test('leads from an event to its key, whatever its status', async () => {
    const { id, secret } = await server.newKey({ name: 'Long gone', scopes: ['ANALYTICS_READ'] })
    await server.admin(`mutation { revokeApiKey(input: { id: "${id}" }) { apiKey { id } } }`)
    await server.newKey({ name: 'Another', scopes: ['ANALYTICS_READ'] })
    const tenantId = await createTenant(server, 'Keyless')
    const visited = await stage.signIn({ hash: '#audit' })
    const { page } = visited
    await row(page, 'Revoked API key').filter({ hasText: id }).getByRole('link', { name: id }).click()
    await row(page, 'Long gone').getByText('Revoked', { exact: true }).waitFor()
    await expect.poll(() => page.getByRole('row').count()).toBe(2)
    expect(await page.content()).not.toContain(secret)
    await expectNoComplaint(visited)
    await page.getByRole('link', { name: 'Show all keys' }).click()
    await row(page, 'Another').waitFor()
    await page.evaluate(`location.hash = '#tenants/${tenantId}'`)
    await page.getByRole('link', { name: 'Keys of this tenant' }).click()
    await page.getByText(`The tenant “${tenantId}” has no active key.`).waitFor()
    await page.evaluate(`location.hash = '#keys/key/key_unknown'`)
    await page.getByText('There is no key with the id key_unknown.').waitFor()
  })

  test('shows the text of others as text only', async () => {
    const name = '<img src=x onerror=alert(1)>"\'{{7*7}}'
    const id = await createTenant(server, name)
    const visited = await stage.signIn({ hash: '#audit' })
    await row(visited.page, id).getByText('Details').click()
    await row(visited.page, id).getByText(name).waitFor()
    await expect.poll(() => visited.page.locator('main img').count()).toBe(0)
    await expectNoComplaint(visited)
  })

  test('is filtered by several things at once, and by nothing again', async () => {
    const [tenant, other] = [await server.newTenant(), await server.newTenant()]
    await createTokens(server, tenant.key, 10)
    await server.ask({ key: tenant.key }, '{ auditEvents { totalCount } }')
    await server.ask({ key: other.key }, '{ auditEvents { totalCount } }')
    const { page } = await stage.signIn({ hash: '#audit' })
    await page.getByLabel('Tenant', { exact: true }).fill(tenant.id)
    expect((await expectShown(page, { tenantIds: [tenant.id] })).length).toBe(13)
    await page.getByLabel('Outcome', { exact: true }).selectOption('Refused')
    expect((await expectShown(page, { tenantIds: [tenant.id], outcomes: ['REFUSED'] })).length).toBe(1)
    await page.getByLabel('Outcome', { exact: true }).selectOption('Any')
    await page.getByText('Actions: all').click()
    await page.getByLabel('Created embed token', { exact: true }).check()
    await page.getByLabel('Created tenant', { exact: true }).check()
    await page.getByText('Actions: Created tenant, Created embed token').waitFor()
    const actions = ['EMBED_TOKEN_CREATED', 'TENANT_CREATED']
    expect((await expectShown(page, { tenantIds: [tenant.id], actions })).length).toBe(11)
    await page.getByLabel('Actor', { exact: true }).fill(tenant.keyId)
    expect((await expectShown(page, { tenantIds: [tenant.id], actions, actorIds: [tenant.keyId] })).length).toBe(10)
    await page.getByLabel('Tenant', { exact: true }).fill(other.id)
    await page.getByText('No events match the filter.').waitFor()
    await page.getByRole('button', { name: 'Reset' }).click()
    await page.getByText('Actions: all').waitFor()
    expect((await expectShown(page, {})).length).toBeGreaterThan(20)
    expect(await page.getByLabel('Tenant', { exact: true }).inputValue()).toBe('')
  })

  test('says that an actor is named by an id', async () => {
    const { page } = await stage.signIn({ hash: '#audit' })
    const actor = page.getByLabel('Actor', { exact: true })
    await actor.fill('Back end')
    await page.getByText('This is not the id of a key (key_…) or an issuer (issuer_…).').waitFor()
    expect(await actor.getAttribute('aria-invalid')).toBe('true')
    await actor.fill('key_')
    await expect.poll(() => actor.getAttribute('aria-invalid')).toBe('false')
  })

  test('breaks no short word of the details on a wide screen', async () => {
    await server.newKey({ scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ', 'CONVERSATIONS_WRITE'] })
    const { page } = await stage.signIn({ hash: '#audit', viewport: { width: 1280, height: 800 } })
    const generated = row(page, 'Generated API key').first()
    await generated.getByText('Details').click()
    await generated.getByText('Scopes', { exact: true }).waitFor()
    const broken = await page.evaluate<string[]>(`(() => {
      const found = []
      const walker = document.createTreeWalker(document.querySelector('details[open] dl.facts'), NodeFilter.SHOW_TEXT)
      for (let node; (node = walker.nextNode()); ) {
        for (const { 0: word, index } of node.data.matchAll(/[\\w]{2,20}/g)) {
          const range = document.createRange()
          range.setStart(node, index)
          range.setEnd(node, index + word.length)
          if (range.getClientRects().length > 1) found.push(word)
        }
      }
      return found
    })()`)
    expect(broken).toEqual([])
  })

  test('is limited to a period', async () => {
    const tenant = await server.newTenant()
    const hours = [0, 2, 30, 200, 800]
    await server.owner(`
      INSERT INTO audit_events (id, at, actor_kind, tenant_id, action, outcome)
      SELECT gen_random_uuid(), now() - hours * interval '1 hour', 'NONE', '${tenant.id}', 'TENANT_UPDATED', 'DONE'
      FROM unnest(ARRAY[${hours.join()}]) hours`)
    const { page } = await stage.signIn({ hash: '#audit' })
    await page.getByLabel('Tenant', { exact: true }).fill(tenant.id)
    const expectCount = (count: number) => expect.poll(async () => (await shownIds(page)).length).toBe(count)
    // With its creation and its key's.
    await expectCount(7)
    for (const [period, count] of [
      ['Last hour', 3],
      ['Last 24 hours', 4],
      ['Last 7 days', 5],
      ['Last 30 days', 6],
    ] as const) {
      await page.getByLabel('Period', { exact: true }).selectOption(period)
      await expectCount(count)
    }
    await page.getByLabel('Period', { exact: true }).selectOption('Between two times')
    await expectCount(7)
    const local = (hoursAgo: number) =>
      new Date(Date.now() - hoursAgo * 3_600_000).toLocaleString('sv', { timeZone: 'Europe/Berlin' }).slice(0, 16)
    await page.getByLabel('From', { exact: true }).fill(local(40).replace(' ', 'T'))
    await expectCount(5)
    await page.getByLabel('To', { exact: true }).fill(local(1).replace(' ', 'T'))
    await expectCount(2)
    await page.getByLabel('To', { exact: true }).fill(local(60).replace(' ', 'T'))
    await page.getByText('The end must be after the start.').waitFor()
    await expectCount(2)
  })

  test('shows only what an actor did, by a click or by the address', async () => {
    const tenant = await server.newTenant()
    await createTokens(server, tenant.key, 20)
    const { page } = await stage.signIn({ hash: `#audit/${tenant.keyId}` })
    expect((await expectShown(page, { actorIds: [tenant.keyId] })).length).toBe(20)
    expect(await page.getByLabel('Actor', { exact: true }).inputValue()).toBe(tenant.keyId)
    await page.getByRole('button', { name: 'Reset' }).click()
    await expectShown(page, {})
    await expect.poll(() => new URL(page.url()).hash).toBe('#audit')
    await row(page, 'Created embed token').first().getByRole('link', { name: tenant.keyId }).click()
    await expectShown(page, { actorIds: [tenant.keyId] })
    await page.goBack()
    await expectShown(page, {})
  })

  test('loads one page after another, each event once', async () => {
    const tenant = await server.newTenant()
    await createTokens(server, tenant.key, 120)
    const { page } = await stage.signIn({ hash: `#audit/${tenant.keyId}` })
    const more = page.getByRole('button', { name: 'Load more' })
    await more.click()
    await expect.poll(async () => (await shownIds(page)).length).toBe(100)
    await more.click()
    await expect.poll(async () => (await shownIds(page)).length).toBe(120)
    expect(await shownIds(page)).toEqual(await loggedIds(server, { actorIds: [tenant.keyId] }))
    await expect.poll(() => more.count()).toBe(0)
  })

  test('leaves what is loaded as it is when the reader leaves a field', async () => {
    const tenant = await server.newTenant()
    await createTokens(server, tenant.key, 60)
    // Without the filter, the first page is another.
    await server.newTenant()
    const { page } = await stage.signIn({ hash: '#audit' })
    await page.getByLabel('Tenant', { exact: true }).fill(tenant.id)
    await expectShown(page, { tenantIds: [tenant.id] })
    await page.getByRole('button', { name: 'Load more' }).click()
    await expect.poll(async () => (await shownIds(page)).length).toBe(62)
  })

  test('is exported as it is shown, and no cell is a formula', async () => {
    const id = await createTenant(server, '=HYPERLINK("https://evil.example")')
    const { id: keyId } = await server.newKey({ scopes: ['ANALYTICS_READ'], tenantId: id, name: '=1+1' })
    const { page } = await stage.signIn({ hash: '#audit' })
    await page.getByLabel('Tenant', { exact: true }).fill(id)
    await expectShown(page, { tenantIds: [id] })
    const downloaded = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export shown events' }).click()
    const download = await downloaded
    expect(download.suggestedFilename()).toMatch(/^audit-log-\d{4}-\d\d-\d\d\.csv$/)
    const lines = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\r\n')
    expect(lines[0]).toMatch(/^\uFEFFid,occurredAt,actorKind,actorId,actorName,/)
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(await loggedIds(server, { tenantIds: [id] }))
    expect(lines[1]).toContain(`API_KEY_GENERATED,API_KEY,${keyId},${id},DONE`)
    expect(lines[1]).toContain('""name"":""=1+1""')
    expect(lines.join('\n')).not.toMatch(/(^|,)"?=/m)
  })
})
