import { execFile } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildClient } from '../../src/cli/build-client.ts'
import { buildEmbed } from '../../src/http/embed/build-embed.ts'

const ROOT = join(import.meta.dirname, '../..')
const MAX_PACKED_BYTES = 300_000
const run = promisify(execFile)

const folder = mkdtempSync(join(tmpdir(), 'parley-client-'))
const built = join(folder, 'built')
/** Somebody's project with nothing but the package. */
const app = join(folder, 'app')
let tarball = ''

/** Answers like Parley, and keeps what it was sent. */
const bodies: string[] = []
const server = createServer(async (request, response) => {
  bodies.push(Buffer.concat(await request.toArray()).toString())
  response.setHeader('content-type', 'application/json')
  response.end('{"data":{"logConversations":{"results":[{"error":null}]}}}')
})

beforeAll(async () => {
  await buildClient(built)
  const packed = await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: built })
  tarball = join(folder, packed.stdout.trim())
  await run('npm', ['install', '--prefix', app, '--offline', '--no-audit', '--no-fund', tarball])
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
}, 60_000)

afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`

test('it has no dependencies and no scripts, and is small', () => {
  const { dependencies, scripts } = JSON.parse(readFileSync(join(built, 'package.json'), 'utf8'))
  expect([dependencies, scripts]).toEqual([undefined, undefined])
  expect(statSync(tarball).size).toBeLessThan(MAX_PACKED_BYTES)
  expect(readdirSync(join(app, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['parley-client'])
})

test('publint and attw have nothing to say about it', async () => {
  const { messages } = await publint({ pkgDir: built, strict: true })
  expect(messages).toEqual([])
  const attw = join(ROOT, 'node_modules/.bin/attw')
  // It ends with another code if it finds something.
  const { stdout } = await run(attw, [tarball, '--profile', 'esm-only', '--exclude-entrypoints', './schema.graphql'])
  for (const entry of ['openai', 'embed', 'react']) expect(stdout).toContain(`"parley-client/${entry}"`)
})

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

const LOG_ONCE = `import { Parley } from 'parley-client'
import 'parley-client/openai'
const parley = new Parley({ url: process.argv[2], apiKey: 'key' })
parley.log({ externalId: 'first', messages: [{ role: 'bot', content: 'Hello' }] })`

test.each(NODES)('a script that logs once has logged it when it ends (%s)', async (node) => {
  writeFileSync(join(app, 'log-once.js'), LOG_ONCE)
  writeFileSync(join(app, 'package.json'), '{ "type": "module" }')
  bodies.length = 0
  const { stdout, stderr } = await run(node, ['log-once.js', url()], { cwd: app })
  expect([stdout, stderr]).toEqual(['', ''])
  expect(bodies.map((body) => JSON.parse(body).variables.input.conversations[0])).toMatchObject([
    { externalId: 'first', messages: [{ chat: { role: 'ASSISTANT', content: 'Hello' } }] },
  ])
})

const IMPORT_ELEMENTS = `import * as all from 'parley-client/embed'
import { configure, ParleySeries } from 'parley-client/embed'
const session = configure({ url: process.argv[2], fetchToken: () => Promise.reject(new Error('asked for a token')) })
session.logout()
console.log(JSON.stringify([Object.keys(all), typeof ParleySeries, typeof globalThis.customElements]))`

describe('the web components', () => {
  const exportsOf = async (file: string) => {
    const entryPoints = [join(built, 'embed', file)]
    const { metafile } = await build({ entryPoints, metafile: true, write: false, format: 'esm', outdir: folder })
    return Object.values(metafile.outputs).flatMap((output) => output.exports)
  }

  test.each(NODES)(
    'a server that renders a page may import them: nothing is defined and nothing sent (%s)',
    async (node) => {
      writeFileSync(join(app, 'elements.js'), IMPORT_ELEMENTS)
      writeFileSync(join(app, 'package.json'), '{ "type": "module" }')
      bodies.length = 0
      const { stdout, stderr } = await run(node, ['elements.js', url()], { cwd: app })
      const [names, ...types] = JSON.parse(stdout)
      expect([stderr, types]).toEqual(['', ['function', 'undefined']])
      expect(names).toEqual((await exportsOf('v1.js')).toSorted())
      expect(bodies).toEqual([])
    },
  )

  test('are the files that the server sends', async () => {
    const { entry, lists, licenses } = await buildEmbed()
    const packed = (name: string) => readFileSync(join(app, 'node_modules/parley-client/embed', name), 'utf8')
    expect([packed(entry.name), packed(lists.name), packed('licenses.txt')]).toEqual([entry.text, lists.text, licenses])
  })

  test('are bundled for a page even if it uses none of their names, and the lists apart', async () => {
    const stdin = { contents: "import 'parley-client/embed'", resolveDir: app }
    const { outputFiles, warnings } = await build({
      ...{ stdin, bundle: true, splitting: true, write: false, format: 'esm', platform: 'browser', outdir: folder },
      logLevel: 'silent',
    })
    expect(warnings).toEqual([])
    const sizes = outputFiles.map(({ text }) => text.length)
    const { entry, lists } = await buildEmbed()
    expect(Math.max(...sizes)).toBeGreaterThan(entry.text.length * 0.8)
    expect(sizes.filter((size) => size > lists.text.length * 0.8).length).toBe(2)
  })
})

describe('bundled for a runtime that has only what the web has', () => {
  const WEB = { AbortController, AbortSignal, clearTimeout, crypto, fetch, performance, setTimeout, TextDecoder }

  test('it logs, and the runtime is asked to wait for it', async () => {
    const source = `import { createSession, Parley } from 'parley-client'
      globalThis.parley = (options) => new Parley(options)
      globalThis.session = createSession`
    const bundle = await build({
      stdin: { contents: source, resolveDir: app },
      ...{ bundle: true, write: false, format: 'iife', platform: 'neutral', logLevel: 'silent' },
    })
    expect(bundle.warnings).toEqual([])
    const text = bundle.outputFiles[0]?.text ?? ''
    expect(text).not.toMatch(/\brequire\(|node:/)
    const runtime = createContext({ ...WEB }) as { parley?: (options: object) => { log(conversation: object): void } }
    runInContext(text, runtime)
    const waited: Promise<unknown>[] = []
    bodies.length = 0
    const waitUntil = (promise: Promise<unknown>) => waited.push(promise)
    runtime.parley?.({ url: url(), apiKey: 'key', waitUntil }).log({ externalId: 'of the edge' })
    expect(waited).toHaveLength(1)
    await Promise.all(waited)
    expect(bodies).toHaveLength(1)
  })
})

test('its types hold in a project that checks them', async () => {
  writeFileSync(
    join(app, 'typed.ts'),
    `import { configure, type ParleyConversations } from 'parley-client/embed'
    import { type ConversationFilter, createSession, type Mutation, Parley, ParleyRequestError, type Query, type Session, type Subscription, type TypedDocument } from 'parley-client'
    const filter: ConversationFilter = { statuses: ['COMPLETED'] }
    // As in the examples: a variable of the environment.
    declare const process: { env: Record<string, string | undefined> }
    const parley = new Parley({ url: '', apiKey: process.env.PARLEY_KEY })
    parley.log({ agent: 'Support Bot', status: 'in_progress', startedAt: new Date(), messages: [{ role: 'visitor', content: 'Hi' }] })
    parley.append('id', [{ tool: { name: 'search', input: {} } }], { status: 'completed' })
    // @ts-expect-error: a rating is -1, 0 or 1
    parley.rate('id', 'message', 2)
    declare const typed: TypedDocument<{ total: number }, { filter: ConversationFilter }>
    const { total } = await parley.query(typed, { filter })
    const doubled: number = 2 * total
    // @ts-expect-error: the document has variables
    await parley.query(typed)
    const session = createSession({ url: '', fetchToken: async () => ({ token: '', expiresInSeconds: doubled }) })
    const end: () => void = session.subscribe(typed, { variables: { filter }, onData: ({ total }) => total.toFixed() })
    end()
    const { createEmbedToken } = await parley.query<Pick<Mutation, 'createEmbedToken'>>('', { input: {} })
    const token: string = createEmbedToken.token
    const { conversations } = await session.query<Pick<Query, 'conversations'>>('')
    const id: string | undefined = conversations?.nodes[0]?.id
    session.subscribe<Pick<Subscription, 'conversationsChanged'>>('', {
      variables: (last) => ({ after: last?.conversationsChanged.resumeToken ?? null }),
      onData: ({ conversationsChanged }) => conversationsChanged.changes.length,
    })
    const code: string = new ParleyRequestError('', '').code
    const ofPage: Session = configure({ url: '', locale: 'de', texts: { retry: 'Noch einmal' }, fetchToken: async () => ({ token, expiresInSeconds: 1 }) })
    // @ts-expect-error: there is no such text
    configure({ url: '', texts: { retri: '' }, fetchToken: async () => ({ token, expiresInSeconds: 1 }) })
    const list = document.querySelector<ParleyConversations>('parley-conversations')
    if (list) {
      list.session = ofPage
      list.filter = filter
      const csv: string = list.exportCsv()
      list.title = csv
      await list.updateComplete
      // @ts-expect-error: it is a property of Lit's own, which nobody needs
      list.renderOptions
    }
    export { code, id, token }
    `,
  )
  symlinkSync(join(ROOT, 'node_modules/typescript'), join(app, 'node_modules/typescript'))
  const compilerOptions = { strict: true, noEmit: true, module: 'nodenext', lib: ['es2024', 'dom'], types: [] }
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['typed.ts'] }))
  const checked = run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '--project', app])
  expect(
    await checked.then(
      () => 'compiles',
      ({ stdout }) => stdout,
    ),
  ).toBe('compiles')
})
