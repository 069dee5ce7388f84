import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { buildEmbed } from '../http/embed/build-embed.ts'
import { LICENSES } from '../http/embed/embed-files.ts'
import { buildReact } from './build-react.ts'
import { writeTypes } from './client-types.ts'

/**
 * `npm run build`: makes the package `parley-client` of src/client and src/embed in dist/parley-client. It is a package of its own
 * because the server's has what only a server needs, and because Node runs no TypeScript from node_modules.
 */
const ROOT = join(import.meta.dirname, '../..')
const SOURCE = join(ROOT, 'src')
const DIST = join(ROOT, 'dist/parley-client')
/** By name in the package. */
const ENTRIES = { index: 'client/index', openai: 'client/openai', 'embed/node': 'embed/node' }

const { version, license } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

const entry = (name: string) => ({ types: `./types/client/${name}.d.ts`, default: `./${name}.js` })

const PACKAGE = {
  name: 'parley-client',
  version,
  description: 'Logs the conversations of AI agents to Parley from any JavaScript runtime, and reads them in pages.',
  license,
  type: 'module',
  // Those that define elements.
  sideEffects: ['./embed/*.js'],
  engines: { node: '>=20' },
  peerDependencies: { react: '>=18' },
  // Only of what is for React.
  peerDependenciesMeta: { react: { optional: true } },
  exports: {
    '.': entry('index'),
    './openai': entry('openai'),
    './embed': { types: './types/embed/index.d.ts', node: './embed/node.js', default: './embed/v1.js' },
    './react': { types: './types/embed/react.d.ts', default: './react.js' },
    './schema.graphql': './schema.graphql',
    './package.json': './package.json',
  },
}

/** Puts the package into `folder`. */
export async function buildClient(folder = DIST): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  await build({
    entryPoints: Object.entries(ENTRIES).map(([out, source]) => ({ out, in: join(SOURCE, `${source}.ts`) })),
    outdir: folder,
    ...{ bundle: true, splitting: true, format: 'esm', platform: 'neutral', target: 'es2022' },
    mainFields: ['module', 'main'],
    chunkNames: 'chunks/[name]-[hash]',
    logLevel: 'warning',
  })
  // The same files as the server sends.
  const { entry, lists, licenses } = await buildEmbed()
  const embedded = { [entry.name]: entry.text, [lists.name]: lists.text, [LICENSES]: licenses }
  for (const [name, text] of Object.entries(embedded)) writeFileSync(join(folder, 'embed', name), text)
  await buildReact(folder)
  writeTypes(join(folder, 'types'), ['client/index', 'client/openai', 'embed/index', 'embed/react'])
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(PACKAGE, null, 2)}\n`)
  cpSync(join(ROOT, 'schema.graphql'), join(folder, 'schema.graphql'))
  cpSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'))
  // Its code is in the bundle.
  cpSync(join(ROOT, 'node_modules/graphql-sse/LICENSE.md'), join(folder, 'LICENSE-graphql-sse.md'))
  cpSync(join(SOURCE, 'client/README.md'), join(folder, 'README.md'))
}

if (import.meta.main) await buildClient()
