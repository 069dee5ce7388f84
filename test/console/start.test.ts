import { execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  backEndSnippet,
  KEY_PLACEHOLDER,
  logSnippet,
  PAGE_SNIPPET,
  scriptSnippet,
} from '../../src/console/tenants/snippets.ts'
import { untilLoaded } from '../embed/visit.ts'
import { canBrowse } from '../support/browser.ts'
import { expectNoComplaint, goTo, setUpConsole } from './stage.ts'

const ROOT = join(import.meta.dirname, '../..')
const run = promisify(execFile)

test('the snippets to embed a dashboard are those of the documentation', () => {
  const page = readFileSync(join(ROOT, 'src/embed/README.md'), 'utf8')
  const target = { url: 'https://parley.example/graphql', tenantId: 'acme' }
  expect(page).toContain(`\`\`\`html\n<!-- index.html -->\n${PAGE_SNIPPET}\n\`\`\``)
  expect(page).toContain(`\`\`\`js\n// parley.js\n${scriptSnippet(target)}\n\`\`\``)
  expect(page).toContain(`\`\`\`js\n// back-end.mjs\n${backEndSnippet(target)}\n\`\`\``)
})

test('below a prefix, the snippets name the components beside the endpoint', () => {
  const script = scriptSnippet({ url: 'https://app.example/parley/graphql', tenantId: 'acme' })
  expect(script).toContain(`from 'https://app.example/parley/embed/v1.js'`)
  expect(script).toContain(`url: 'https://app.example/parley/graphql'`)
})

describe.runIf(canBrowse('The console’s first steps'))('the first steps', async () => {
  const stage = await setUpConsole()
  const bare = await setUpConsole()
  const many = await setUpConsole()
  const { server } = stage
  const permissions = ['clipboard-write']
  const dialog = (page: Page) => page.getByRole('dialog')
  const step = (page: Page, name: string) =>
    page.getByRole('listitem').filter({ has: page.getByRole('heading', { name }) })
  const isDone = (page: Page, name: string) => step(page, name).getByText('Done', { exact: true }).count()

  /** Copies by one click, and pastes elsewhere. */
  const copy = async (page: Page, what: string) => {
    await page.getByRole('button', { name: `Copy ${what}` }).click()
    await page.getByRole('button', { name: `Copied ${what}` }).waitFor()
    const editor = await page.context().newPage()
    await editor.setContent('<textarea aria-label="Text"></textarea>')
    await editor.getByLabel('Text').press('Control+V')
    const text = await editor.getByLabel('Text').inputValue()
    await editor.close()
    return text
  }
  /** Runs what was copied, with the key that was pasted. */
  const runInTerminal = async (text: string, key: string) => {
    expect(text).not.toContain('parley_')
    const { stdout } = await run('sh', ['-c', text.replace(KEY_PLACEHOLDER, key)])
    return JSON.parse(stdout)
  }

  test('a newcomer gets from nothing to a dashboard in a page by following them', { timeout: 90_000 }, async () => {
    const visited = await stage.signIn({ permissions })
    const { page } = visited
    await step(page, 'Create the first tenant').getByRole('button', { name: 'Create tenant' }).click()
    await dialog(page).getByLabel('Id', { exact: true }).fill('acme')
    await dialog(page).getByLabel('Name', { exact: true }).fill('Acme')
    await dialog(page).getByRole('button', { name: 'Create tenant' }).click()
    await expect.poll(() => isDone(page, 'Create the first tenant')).toBe(1)
    expect([await isDone(page, 'Generate a key'), await isDone(page, 'Log a conversation')]).toEqual([0, 0])
    await expectNoComplaint(visited)

    await step(page, 'Generate a key').getByRole('button', { name: 'Generate key' }).click()
    expect(await dialog(page).getByLabel('Tenant').inputValue()).toBe('acme')
    await dialog(page).getByLabel('Name').fill('Back end')
    await dialog(page).getByRole('button', { name: 'Generate key' }).click()
    const key = await dialog(page).getByLabel('Secret', { exact: true }).inputValue()
    await dialog(page).getByLabel('I have saved the secret').check()
    await dialog(page).getByRole('button', { name: 'Done' }).click()
    await expect.poll(() => isDone(page, 'Generate a key')).toBe(1)

    const text = await copy(page, 'Terminal')
    const conversation = { id: expect.stringMatching(/^conv_/), status: 'COMPLETED' }
    expect((await runInTerminal(text, key)).data.logConversation).toEqual({ created: true, conversation })
    expect((await runInTerminal(text, key)).errors).toBeUndefined()
    await page.getByRole('button', { name: 'Check whether it has arrived' }).press('Enter')
    await page.getByRole('status').getByText('It has arrived.').waitFor()
    await page.getByRole('link', { name: '2 active keys' }).waitFor()
    expect(await isDone(page, 'Log a conversation')).toBe(1)
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Check whether it has arrived')

    await page.getByRole('link', { name: 'The tenant’s page' }).click()
    await page.getByRole('heading', { name: 'Embed', exact: true }).waitFor()
    const files = {
      'index.html': await copy(page, 'index.html'),
      'parley.js': await copy(page, 'parley.js'),
      'back-end.mjs': await copy(page, 'back-end.mjs'),
    }
    const origin = await startProduct(files, key)
    await page.getByText('PARLEY_KEY=… node back-end.mjs').waitFor()
    await page.getByRole('button', { name: 'Edit allowed origins' }).click()
    await dialog(page).getByLabel('Allowed origins').fill(origin)
    await dialog(page).getByRole('button', { name: 'Save' }).click()
    await page.getByRole('status').getByText('The tenant “Acme” was updated.').waitFor()
    expect(visited.complaints).toEqual([])
    await page.goto(origin)
    await untilLoaded(page, 'parley-dashboard')
    await page.getByText('Where is my order?').first().waitFor()
  })

  test('what is copied works for a tenant with any id', async () => {
    const id = `o'hara\\"$HOME\``
    await server.admin('mutation ($input: CreateTenantInput!) { createTenant(input: $input) { created } }', {
      input: { id, name: 'O’Hara' },
    })
    const url = `${new URL(stage.url).origin}/graphql`
    const answer = await runInTerminal(logSnippet({ url, tenantId: id }), server.adminKey)
    expect(answer.data.logConversation.created).toBe(true)
    const [line] = backEndSnippet({ url, tenantId: id }).match(/tenantId: (".*")/) ?? []
    expect(JSON.parse(line?.slice('tenantId: '.length) ?? '')).toBe(id)
  })

  test('a key of a tenant sees who it is, and what it may do', async () => {
    const expiresAt = new Date(Date.now() + 4.5 * 86_400_000).toISOString()
    const tenant = await server.newTenant()
    const scopes = ['CONVERSATIONS_WRITE']
    const { secret } = await server.newKey({ scopes, tenantId: tenant.id, name: 'Writer', expiresAt })
    const visited = await stage.signIn({ key: secret, permissions, viewport: { width: 390, height: 844 } })
    const { page } = visited
    const main = page.getByRole('main')
    await main.getByText('Writer', { exact: true }).waitFor()
    await main.getByText(/Parley \d/).waitFor()
    await main.getByText('in 4 days').waitFor()
    await expect.poll(() => main.getByRole('listitem').allTextContents()).toEqual(['Write conversations'])
    expect((await runInTerminal(await copy(page, 'Terminal'), secret)).data.logConversation.created).toBe(true)
    await expect.poll(() => page.getByRole('button', { name: /preview|Create|Generate/ }).count()).toBe(0)
    await expectNoComplaint(visited)
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  })

  test('with things in place, an administrator sees how much there is, and the steps of any tenant', async () => {
    const [first, second] = [await server.newTenant(), await server.newTenant()]
    await first.ask('mutation { logConversation(input: { transcript: "User: Hello" }) { created } }')
    const visited = await stage.signIn()
    const { page } = visited
    await page.getByLabel('Tenant', { exact: true }).waitFor()
    await page.getByLabel('Tenant', { exact: true }).selectOption(second.id)
    await page.getByRole('button', { name: 'Check whether it has arrived' }).waitFor()
    expect(await isDone(page, 'Log a conversation')).toBe(0)
    await step(page, 'Log a conversation').getByText(`X-Tenant-Id: ${second.id}`).waitFor()
    const check = page.getByRole('button', { name: 'Check whether it has arrived' })
    for (let checks = 0; checks < 2; checks += 1) {
      await check.press('Enter')
      await page.getByRole('status').getByText('Nothing has arrived yet.').waitFor()
    }
    await page.getByLabel('Tenant', { exact: true }).selectOption(first.id)
    await expect.poll(() => isDone(page, 'Log a conversation')).toBe(1)
    await page.getByText('The first steps', { exact: true }).click()
    await check.waitFor({ state: 'hidden' })
    await expectNoComplaint(visited)
    await page.getByRole('link', { name: /^\d+ tenants$/ }).click()
    await page.getByRole('heading', { level: 1, name: 'Tenants' }).waitFor()
    await goTo(page, 'Get started')
  })

  test('with more tenants than it can know, none is picked, and any can be opened by its id', async () => {
    const { server } = many
    await server.owner(`
      INSERT INTO tenants (id, name, time_zone) SELECT 'shop-' || number, 'Shop', 'UTC' FROM generate_series(1001, 1101) AS number`)
    const visited = await many.signIn()
    const { page } = visited
    await page.getByRole('link', { name: '101 tenants' }).waitFor()
    await expect.poll(() => page.getByRole('combobox').count()).toBe(0)
    await expect.poll(() => page.getByText('The first steps').count()).toBe(0)
    await page.getByLabel('Go to tenant').fill('shop-1101')
    await expectNoComplaint(visited)
    await page.getByRole('button', { name: 'Go', exact: true }).click()
    await page.getByRole('heading', { level: 2, name: 'Log a conversation' }).waitFor()
  })

  test('a tenant’s back end has a key if that is the tenant’s, or an account key that can write', async () => {
    const CREATE = 'mutation ($input: CreateTenantInput!) { createTenant(input: $input) { created } }'
    const { server } = bare
    await server.newTenant()
    await server.newKey({ name: 'Reader', scopes: ['ANALYTICS_READ'] })
    await server.admin(CREATE, { input: { id: 'keyless', name: 'Keyless' } })
    const { page } = await bare.signIn()
    const pick = (id: string) => page.getByLabel('Tenant', { exact: true }).selectOption(id)
    const snippetOf = (id: string) => step(page, 'Log a conversation').getByText(`X-Tenant-Id: ${id}`).waitFor()
    await snippetOf('keyless')
    expect(await isDone(page, 'Generate a key')).toBe(0)
    const { data } = await server.admin('{ tenants(first: 2) { nodes { id } } }')
    const other = data.tenants.nodes.find(({ id }: { id: string }) => id !== 'keyless').id
    await pick(other)
    await expect.poll(() => isDone(page, 'Generate a key')).toBe(1)
    await server.newKey({ name: 'Writer', scopes: ['CONVERSATIONS_WRITE'] })
    await pick('keyless')
    await expect.poll(() => isDone(page, 'Generate a key')).toBe(1)
  })

  test('an answer that comes after somebody has left opens nothing over the page they went to', async () => {
    await server.newTenant()
    const { page } = await stage.signIn()
    const late = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    await page.route('**/graphql', async (route) => {
      if (!route.request().postData()?.includes('ConsoleKey(')) return route.continue()
      asked.resolve()
      await late.promise
      await route.continue()
    })
    await step(page, 'Generate a key').getByRole('button', { name: 'Generate key' }).click()
    await asked.promise
    await goTo(page, 'Tenants')
    const answered = page.waitForResponse((response) => response.request().postData()?.includes('ConsoleKey(') === true)
    late.resolve()
    await (await answered).finished()
    await page.getByRole('button', { name: 'Create tenant' }).click()
    await dialog(page).getByRole('heading', { name: 'Create a tenant' }).waitFor()
    await expect.poll(() => dialog(page).count()).toBe(1)
    await expect.poll(() => dialog(page).getByRole('heading').allTextContents()).toEqual(['Create a tenant'])
  })

  /** A product of the three files, as somebody would start it. Returns its origin. */
  async function startProduct(files: Record<string, string>, key: string): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-product-'))
    const port = await freePort()
    const outdir = join(folder, 'node_modules/parley-client')
    mkdirSync(outdir, { recursive: true })
    await build({
      ...{ entryPoints: [join(ROOT, 'src/client/index.ts')], bundle: true, format: 'esm', platform: 'node' },
      ...{ outfile: join(outdir, 'index.js'), logLevel: 'error' },
    })
    writeFileSync(
      join(outdir, 'package.json'),
      '{ "name": "parley-client", "type": "module", "exports": "./index.js" }',
    )
    // On the port of the documentation, something else may listen.
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), text.replace('.listen(3000)', `.listen(${port})`))
    }
    const product = spawn(process.execPath, ['back-end.mjs'], {
      ...{ cwd: folder, env: { ...process.env, PARLEY_KEY: key }, stdio: 'inherit' },
    })
    onTestFinished(() => {
      product.kill()
      rmSync(folder, { recursive: true })
    })
    const origin = `http://127.0.0.1:${port}`
    await expect
      .poll(() =>
        fetch(origin).then(
          ({ ok }) => ok,
          () => false,
        ),
      )
      .toBe(true)
    return origin
  }
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
