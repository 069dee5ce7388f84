import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildClient } from '../../src/cli/build-client.ts'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import { startProduct } from './page.ts'

/** `parley-client/react` in somebody's project that has React: rendered by Node, then in a real browser. */

const inBrowser = canBrowse('The components for React')
const product = await startProduct()

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
const app = mkdtempSync(join(tmpdir(), 'parley-react-'))
const modules = join(app, 'node_modules')

const PROJECT = {
  'package.json': '{ "type": "module" }',
  'app.js': `import { createElement as h, useState } from 'react'
    import { ParleyConversations, ParleyDashboard, ParleySeries } from 'parley-client/react'
    export function App({ session = null, note = () => {} }) {
      const [range, setRange] = useState('last-7-days')
      const on = (type) => ({ detail }) => note({ type, detail })
      return h('main', null,
        h('button', { onClick: () => setRange('today') }, range),
        h(ParleySeries, {
          session, range, className: 'chart', measures: ['CONVERSATIONS', 'MESSAGES'], groupBy: 'CHANNEL', compare: true,
          timeZone: 'Asia/Tokyo', filter: { channels: ['CHAT'] }, 'data-id': 'one',
          onParleyLoad: on('load'), onParleyError: on('error'), onParleySelect: on('select'),
        }, h('p', { slot: 'empty' }, 'Nothing yet')),
        h(ParleyDashboard, { session, range: range === 'today' ? undefined : range, live: false, onParleyFilterChange: on('filter-change') }),
        h(ParleyConversations, { session, onParleySelect: on('open') }),
      )
    }`,
  'render.js': `import { createElement } from 'react'
    import { renderToString } from 'react-dom/server'
    import { App } from './app.js'
    process.stdout.write(renderToString(createElement(App)))`,
  'hydrate.js': `import { createElement } from 'react'
    import { hydrateRoot } from 'react-dom/client'
    import { createSession } from 'parley-client/embed'
    import { App } from './app.js'
    window.noted = []
    window.problems = []
    const session = createSession({ url: window.parleyUrl, fetchToken: async () => (await fetch(window.tokenUrl, { method: 'POST' })).json() })
    const note = (event) => window.noted.push(event)
    const onRecoverableError = (error) => window.problems.push(String(error))
    hydrateRoot(document.getElementById('root'), createElement(App, { session, note }), { onRecoverableError })`,
  'typed.tsx': `import { type FilterChange, ParleyDashboard, ParleySeries } from 'parley-client/react'
    export const typed = <ParleyDashboard range="today" filter={{ channels: ['CHAT'] }} live style={{ margin: 0 }}
      onParleyFilterChange={({ detail }: CustomEvent<FilterChange>) => detail.filter?.channels} />
    export const series = <ParleySeries measures="CONVERSATIONS" onParleySelect={({ detail }) => detail.bucket.start.length} />
    // @ts-expect-error: there is no such channel
    export const wrong = <ParleySeries filter={{ channels: ['SMOKE'] }} />
    // @ts-expect-error: a series is of no conversation
    export const other = <ParleySeries conversationId="" />`,
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      ...{ strict: true, noEmit: true, module: 'nodenext', jsx: 'react-jsx', lib: ['es2024', 'dom', 'dom.iterable'] },
      types: [],
    },
    include: ['typed.tsx'],
  }),
}

beforeAll(async () => {
  mkdirSync(join(modules, '@types'), { recursive: true })
  await buildClient(join(modules, 'parley-client'))
  for (const name of ['react', 'react-dom', '@types/react'])
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
  for (const [name, text] of Object.entries(PROJECT)) writeFileSync(join(app, name), text)
}, 60_000)
afterAll(() => rmSync(app, { recursive: true }))

/** This Node and, if there is another one on the machine, that one. */
const NODES = [
  process.execPath,
  ...(process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((path) => !path.includes('node_modules'))
    .map((path) => join(path, 'node'))
    .filter((path) => existsSync(path))
    .slice(0, 1),
]

const rendered = async (node = process.execPath) => run(node, ['render.js'], { cwd: app })

test.each(NODES)('a server renders the elements with their attributes (%s)', async (node) => {
  const { stdout, stderr } = await rendered(node)
  expect(stderr).toBe('')
  expect(stdout).toContain(
    '<parley-series range="last-7-days" class="chart" measures="CONVERSATIONS,MESSAGES" group-by="CHANNEL" compare="" ' +
      'time-zone="Asia/Tokyo" filter="{&quot;channels&quot;:[&quot;CHAT&quot;]}" data-id="one"><p slot="empty">Nothing yet</p></parley-series>',
  )
  expect(stdout).toContain(
    '<parley-dashboard range="last-7-days"></parley-dashboard><parley-conversations></parley-conversations>',
  )
})

test('its props are typed', async () => {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const checked = run(process.execPath, [tsc, '--project', app])
  expect(
    await checked.then(
      () => 'compiles',
      ({ stdout }) => stdout,
    ),
  ).toBe('compiles')
})

describe.skipIf(!inBrowser)('in a browser', () => {
  let browser: Browser
  let bundle = ''
  beforeAll(async () => {
    browser = await launchBrowser()
    const { outputFiles } = await build({
      entryPoints: [join(app, 'hydrate.js')],
      ...{ bundle: true, write: false, format: 'esm', platform: 'browser', outdir: app, logLevel: 'silent' },
      // With the warnings of React.
      define: { 'process.env.NODE_ENV': '"development"' },
    })
    bundle = outputFiles.find(({ text }) => text.includes('hydrateRoot'))?.text ?? ''
  })
  afterAll(() => browser?.close())

  test('what a server has rendered is hydrated without a complaint, its properties are set, and its events are heard', async () => {
    const tenant = await product.server.newTenant()
    const log = 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }'
    const chat = { role: 'USER', content: 'Hello' }
    await tenant.asAccount(log, { input: { externalId: 'one', channel: 'CHAT', messages: [{ chat }] } })
    const { stdout } = await rendered()
    const page = await product.open(browser, tenant.ask, `<div id="root">${stdout}</div>`, { isConfigured: false })
    const complaints: string[] = []
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()))
    page.on('pageerror', ({ message }) => complaints.push(message))
    const html = await page.content()
    const [, parley, token] = /url: '([^']+)'[\s\S]*fetch\('([^']+)'/.exec(html) ?? []
    await page.evaluate(`window.parleyUrl = '${parley}'; window.tokenUrl = '${token}'`)
    const before = await page.locator('#root main > parley-series').elementHandle()
    await page.addScriptTag({ content: bundle, type: 'module' })

    await expect.poll(() => page.evaluate(`noted.map(({ type }) => type)`)).toContain('load')
    // The elements are those that the server has rendered.
    expect(await before?.evaluate((element) => element.isConnected)).toBe(true)
    expect(
      await page.locator('#root main > parley-series').evaluate((element) => {
        const { filter, timeZone, measures, session } = element as unknown as Record<string, unknown>
        return { filter, timeZone, measures, hasSession: Boolean(session), name: element.className }
      }),
    ).toEqual({
      ...{ filter: { channels: ['CHAT'] }, timeZone: 'Asia/Tokyo', measures: ['CONVERSATIONS', 'MESSAGES'] },
      ...{ hasSession: true, name: 'chart' },
    })
    expect(await page.evaluate('problems')).toEqual([])
    expect(complaints).toEqual([])

    await page.locator('#root main > parley-conversations [role=option]').first().click()
    await page.locator('parley-dashboard select[aria-label=Channel]').selectOption('CHAT')
    const noted = () => page.evaluate<{ type: string; detail: Record<string, unknown> }[]>('noted')
    const heard = async (type: string) => (await noted()).find((event) => event.type === type)?.detail
    expect(await heard('open')).toMatchObject({ conversationId: expect.stringMatching(/^conv_/) })
    expect(await heard('filter-change')).toMatchObject({ filter: { channels: ['CHAT'] }, range: 'last-7-days' })

    // A property that is not given any more is what it was at first.
    await page.locator('#root main > button').click()
    const rangeOf = (name: string) =>
      page.locator(name).evaluate((element) => (element as unknown as { range: string }).range)
    await expect.poll(() => rangeOf('#root main > parley-series')).toBe('today')
    await expect.poll(() => rangeOf('parley-dashboard')).toBe('last-30-days')
    expect(await noted()).not.toContainEqual(expect.objectContaining({ type: 'error' }))
    expect(complaints).toEqual([])
  })

  test('every attribute of an element is rendered by a server', async () => {
    const { attributesOf } = await import('../../src/embed/react-attributes.ts')
    const tenant = await product.server.newTenant()
    const page = await product.open(browser, tenant.ask, '')
    const names = ['dashboard', 'series', 'metrics', 'conversations', 'conversation'].map((name) => `parley-${name}`)
    await page.waitForFunction(`customElements.get('parley-dashboard')`)
    const observed = await page.evaluate<string[]>(
      `[...new Set(${JSON.stringify(names)}.flatMap((name) => customElements.get(name).observedAttributes))]`,
    )
    expect(observed.length).toBeGreaterThan(10)
    const property = (attribute: string) => attribute.replace(/-(\w)/g, (_, letter) => letter.toUpperCase())
    const props = Object.fromEntries(observed.map((attribute) => [property(attribute), { kept: true }]))
    const written = Object.entries(attributesOf(props, [])).filter(([, value]) => value === '{"kept":true}')
    // Which only the element itself writes.
    expect([...written.map(([name]) => name), 'state'].toSorted()).toEqual(observed.toSorted())
  })
})
