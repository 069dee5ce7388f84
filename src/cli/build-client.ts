import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/**
 * `npm run build`: makes the package `parley-client` of src/client in dist/parley-client. It is a package of its own
 * because the server's has what only a server needs, and because Node runs no TypeScript from node_modules.
 */
const ROOT = join(import.meta.dirname, '../..')
const SOURCE = join(ROOT, 'src/client')
const DIST = join(ROOT, 'dist/parley-client')
const ENTRIES = ['index', 'openai']

const { version, license } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

const entry = (name: string) => ({ types: `./types/${name}.d.ts`, default: `./${name}.js` })

const PACKAGE = {
  name: 'parley-client',
  version,
  description: 'Logs the conversations of AI agents to Parley from any JavaScript runtime, and reads them in pages.',
  license,
  type: 'module',
  sideEffects: false,
  engines: { node: '>=20' },
  exports: {
    '.': entry('index'),
    './openai': entry('openai'),
    './schema.graphql': './schema.graphql',
    './package.json': './package.json',
  },
}

/** Puts the package into `folder`. */
export async function buildClient(folder = DIST): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  await build({
    entryPoints: ENTRIES.map((name) => join(SOURCE, `${name}.ts`)),
    outdir: folder,
    ...{ bundle: true, splitting: true, format: 'esm', platform: 'neutral', target: 'es2022' },
    mainFields: ['module', 'main'],
    chunkNames: 'chunks/[name]-[hash]',
    logLevel: 'warning',
  })
  const tsconfig = join(ROOT, '.config/client-types.json')
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '--project', tsconfig, '--outDir', join(folder, 'types')], { stdio: 'inherit' })
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(PACKAGE, null, 2)}\n`)
  cpSync(join(ROOT, 'schema.graphql'), join(folder, 'schema.graphql'))
  cpSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'))
  // Its code is in the bundle.
  cpSync(join(ROOT, 'node_modules/graphql-sse/LICENSE.md'), join(folder, 'LICENSE-graphql-sse.md'))
  cpSync(join(SOURCE, 'README.md'), join(folder, 'README.md'))
}

if (import.meta.main) await buildClient()
