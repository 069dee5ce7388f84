import type { Page } from 'playwright-core'
import { describe, expect, test, vi } from 'vitest'
import { newUuid } from '../../src/input/ids.ts'
import { operations, pass, type Visit } from '../embed/visit.ts'
import { canBrowse } from '../support/browser.ts'
import { createTenant, createTokens, loggedIds, setHidden, shownIds } from './audit-stage.ts'
import { setUpConsole } from './stage.ts'

const POLL_MS = 5_000

describe.runIf(canBrowse('The live audit log'))('the audit log', async () => {
  const stage = await setUpConsole()
  const { server } = stage

  const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text })
  const status = (page: Page, text: string | RegExp) => page.locator('.live').getByRole('status').getByText(text)
  const polls = ({ requests }: Visit) => operations(requests).filter((name) => name === 'ConsoleAuditEvents').length
  /** Opens the log with a clock that stands still. */
  const openLog = async (options: { hash?: string; viewport?: { width: number; height: number } } = {}) => {
    const visited = await stage.signIn({ hash: '#audit', ...options, prepare: (page) => page.clock.install() })
    // The jump would end what is under way.
    await visited.page.getByRole('table', { name: 'Audit log' }).waitFor()
    await visited.page.clock.pauseAt(Date.now() + 60_000)
    await pass(visited, 0)
    return visited
  }
  const filterByTenant = async (visited: Visit, tenantId: string) => {
    await visited.page.getByLabel('Tenant', { exact: true }).fill(tenantId)
    await pass(visited, 300)
  }

  test('shows what another client does while it is open, at the top', async () => {
    const visited = await openLog()
    const { page } = visited
    const id = await createTenant(server, 'Corner Shop')
    await expect.poll(() => row(page, id).count()).toBe(0)
    await pass(visited, POLL_MS)
    await row(page, id).waitFor()
    await status(page, '1 new event at the top').waitFor()
    expect((await page.getByRole('row').nth(1).textContent())?.includes(id)).toBe(true)
    await row(page, id).getByText('Created tenant').waitFor()
    await row(page, id).getByText('Done').waitFor()
    expect(visited.complaints).toEqual([])
  })

  test('loses none of 250 events between two polls, nor one that is stored later than others after it', async () => {
    const tenant = await server.newTenant()
    const visited = await openLog()
    await filterByTenant(visited, tenant.id)
    const { page } = visited
    await createTokens(server, tenant.key, 250)
    await pass(visited, POLL_MS)
    await status(page, '250 new events at the top').waitFor()
    const lateId = newUuid()
    await server.owner(`
      INSERT INTO audit_events (id, at, actor_kind, tenant_id, action, outcome)
      VALUES ('${lateId}', now() - interval '20 s', 'NONE', '${tenant.id}', 'TENANT_UPDATED', 'DONE')`)
    await pass(visited, POLL_MS)
    await row(page, 'Updated tenant').waitFor()
    const logged = await loggedIds(server, { tenantIds: [tenant.id] })
    expect(logged.length).toBe(253)
    expect(await shownIds(page)).toEqual(logged)
  })

  test('moves nothing that somebody reads, and tells how many events wait', async () => {
    const tenant = await server.newTenant()
    await createTokens(server, tenant.key, 60)
    const visited = await openLog()
    const { page } = visited
    await filterByTenant(visited, tenant.id)
    await expect.poll(async () => (await shownIds(page)).length).toBe(50)
    await page.mouse.move(640, 500)
    await page.mouse.wheel(0, 900)
    await expect.poll(() => page.evaluate<number>('scrollY')).toBe(900)
    const before = { ids: await shownIds(page), seen: await page.locator('tbody tr').nth(20).boundingBox() }
    await createTokens(server, tenant.key, 10)
    await pass(visited, POLL_MS)
    await status(page, '10 new events').waitFor()
    expect({ ids: await shownIds(page), seen: await page.locator('tbody tr').nth(20).boundingBox() }).toEqual(before)

    await page.getByRole('button', { name: 'Show 10 new events' }).click()
    await status(page, '10 new events at the top').waitFor()
    expect((await shownIds(page)).slice(10)).toEqual(before.ids)
    expect(await page.evaluate('scrollY')).toBe(0)
    // Nothing is read now.
    await createTokens(server, tenant.key, 10)
    await pass(visited, POLL_MS)
    await expect.poll(async () => (await shownIds(page)).length).toBe(70)

    // Somebody is in the table with the keyboard.
    await page.getByRole('table').getByText('Details').first().focus()
    await createTokens(server, tenant.key, 10)
    await pass(visited, POLL_MS)
    await page.getByRole('button', { name: 'Show 10 new events' }).waitFor()
    expect((await shownIds(page)).length).toBe(70)
  })

  test('keeps the pages that are loaded, and loads the next ones without a gap', async () => {
    const tenant = await server.newTenant()
    await createTokens(server, tenant.key, 120)
    const visited = await openLog()
    const { page } = visited
    await filterByTenant(visited, tenant.id)
    const more = page.getByRole('button', { name: 'Load more' })
    await more.click()
    await expect.poll(async () => (await shownIds(page)).length).toBe(100)
    await createTokens(server, tenant.key, 10)
    await pass(visited, POLL_MS)
    await page.getByRole('button', { name: 'Show 10 new events' }).click()
    await more.click()
    await expect.poll(async () => (await shownIds(page)).length).toBe(132)
    expect(await shownIds(page)).toEqual(await loggedIds(server, { tenantIds: [tenant.id] }))
    await expect.poll(() => more.count()).toBe(0)
  })

  test('says that it is not up to date after a failed poll, keeps what is shown, and catches up', async () => {
    const visited = await openLog()
    const { page } = visited
    let isDown = true
    await page.route('**/graphql', (route) => (isDown ? route.abort() : route.continue()))
    const before = await shownIds(page)
    await pass(visited, POLL_MS)
    await status(page, /^Not up to date\. The server can’t be reached/).waitFor()
    expect(await shownIds(page)).toEqual(before)
    const id = await createTenant(server, 'Meanwhile')
    // Half a minute of failures, ever further apart.
    const asked = polls(visited)
    for (let step = 0; step < 6; step += 1) await pass(visited, POLL_MS)
    expect(polls(visited) - asked).toBeLessThanOrEqual(3)
    isDown = false
    for (let step = 0; step < 12; step += 1) await pass(visited, POLL_MS)
    await row(page, id).waitFor()
    await expect.poll(() => status(page, /^Not up to date/).count()).toBe(0)
  })

  test('asks once at a time, however slow the answer is', async () => {
    const visited = await openLog()
    const { page } = visited
    const { promise: untilLet, resolve: letThrough } = Promise.withResolvers<void>()
    await page.route('**/graphql', async (route) => {
      await untilLet
      await route.continue()
    })
    const asked = polls(visited)
    await page.clock.runFor(4 * POLL_MS)
    await expect.poll(() => polls(visited) - asked).toBe(1)
    const id = await createTenant(server, 'Slow')
    letThrough()
    await row(page, id).waitFor()
  })

  test('asks nothing while the page is hidden, and at once when it is seen again', async () => {
    const visited = await openLog()
    const { page } = visited
    await setHidden(page, true)
    const asked = polls(visited)
    const id = await createTenant(server, 'Unseen')
    await pass(visited, 10 * POLL_MS)
    expect(polls(visited)).toBe(asked)
    await setHidden(page, false)
    await row(page, id).waitFor()
    expect(polls(visited)).toBe(asked + 1)
  })

  test('shows nothing new while Live is off, and all of it when it is on again', async () => {
    const visited = await openLog()
    const { page } = visited
    await page.getByRole('switch', { name: 'Live' }).uncheck()
    const asked = polls(visited)
    const id = await createTenant(server, 'Quiet')
    await pass(visited, 3 * POLL_MS)
    expect(polls(visited)).toBe(asked)
    await page.getByRole('switch', { name: 'Live' }).check()
    await row(page, id).waitFor()
  })

  test('keeps nobody signed in, and asks nothing once they are signed out', async () => {
    const tenant = await server.newTenant()
    const visited = await openLog()
    const { page } = visited
    // Events come below a pointer that does not move.
    await page.mouse.move(640, 500)
    for (let minute = 0; minute < 14; minute += 1) {
      if (minute % 5 === 0) await createTokens(server, tenant.key, 10)
      await pass(visited, 60_000)
    }
    await page.clock.runFor(61_000)
    await page.getByText('You were signed out after 15 minutes without activity.').waitFor()
    const asked = polls(visited)
    await pass(visited, 10 * POLL_MS)
    expect(polls(visited)).toBe(asked)
  })

  test('stops asking when another page is opened', async () => {
    const visited = await openLog()
    const { page } = visited
    await page.getByRole('link', { name: 'API keys' }).click()
    await page.getByRole('table', { name: 'API keys' }).waitFor()
    const asked = polls(visited)
    await pass(visited, 10 * POLL_MS)
    expect(polls(visited)).toBe(asked)
  })

  test('takes no event for a new one that is on the next page, even if it happened at the same moment', async () => {
    const tenant = await server.newTenant()
    await server.owner(`
      INSERT INTO audit_events (id, at, actor_kind, tenant_id, action, outcome)
      SELECT gen_random_uuid(), now(), 'NONE', '${tenant.id}', 'TENANT_UPDATED', 'DONE' FROM generate_series(1, 60)`)
    const visited = await openLog()
    const { page } = visited
    await filterByTenant(visited, tenant.id)
    await expect.poll(async () => (await shownIds(page)).length).toBe(50)
    await pass(visited, POLL_MS)
    await createTokens(server, tenant.key, 10)
    await pass(visited, POLL_MS)
    await status(page, '10 new events at the top').waitFor()
    expect((await shownIds(page)).length).toBe(60)
    await page.getByRole('button', { name: 'Load more' }).click()
    await expect.poll(() => shownIds(page)).toEqual(await loggedIds(server, { tenantIds: [tenant.id] }))
  })

  test('starts anew by itself after thousands of events, unless somebody reads', async () => {
    const tenant = await server.newTenant()
    const visited = await openLog()
    const { page } = visited
    await filterByTenant(visited, tenant.id)
    const add = (count: number) =>
      server.owner(`
        INSERT INTO audit_events (id, at, actor_kind, tenant_id, action, outcome)
        SELECT gen_random_uuid(), now() - age * interval '1 ms', 'NONE', '${tenant.id}', 'TENANT_UPDATED', 'DONE'
        FROM generate_series(1, ${count}) AS age`)
    await add(1_050)
    await pass(visited, POLL_MS)
    await status(page, '1,050 new events at the top').waitFor()
    await add(1_050)
    await pass(visited, POLL_MS)
    await status(page, 'More than 2,000 new events').waitFor()
    await page.mouse.move(640, 500)
    await page.mouse.wheel(0, 900)
    await expect.poll(() => page.evaluate<number>('scrollY')).toBe(900)
    const before = await shownIds(page)
    await pass(visited, 3 * POLL_MS)
    expect(await shownIds(page)).toEqual(before)
    await page.evaluate('scrollTo(0, 0)')
    await pass(visited, POLL_MS)
    await expect.poll(async () => (await shownIds(page)).length).toBe(50)
    await add(1)
    await pass(visited, POLL_MS)
    await status(page, '1 new event at the top').waitFor()
    expect(await shownIds(page)).toEqual((await loggedIds(server, { tenantIds: [tenant.id] })).slice(0, 51))
  })

  test('offers to start anew if thousands of events come at once', async () => {
    const tenant = await server.newTenant()
    const visited = await openLog()
    const { page } = visited
    await filterByTenant(visited, tenant.id)
    const before = await shownIds(page)
    await server.owner(`
      INSERT INTO audit_events (id, at, actor_kind, tenant_id, action, outcome)
      SELECT gen_random_uuid(), now(), 'NONE', '${tenant.id}', 'TENANT_UPDATED', 'DONE' FROM generate_series(1, 2101)`)
    await page.clock.runFor(POLL_MS)
    await status(page, 'More than 2,000 new events').waitFor()
    expect(await shownIds(page)).toEqual(before)
    await page.getByRole('button', { name: 'Show the newest events' }).click()
    await vi.waitFor(async () => expect((await shownIds(page)).length).toBe(50), 10_000)
    const id = await loggedIds(server, { tenantIds: [tenant.id] })
    expect(await shownIds(page)).toEqual(id.slice(0, 50))
  })
})
