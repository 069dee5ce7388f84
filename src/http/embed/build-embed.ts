import { join } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { version } from '../../database/compatibility.ts'
import { type EmbedBuild, entryUrlOf, hashOf, integrityOf, LICENSES } from './embed-files.ts'
import { ROOT, sourceHash } from './embed-sources.ts'
import { licensesOf } from './licenses.ts'
import { smallerStyles } from './smaller-styles.ts'

/** A build that was just made. */
export interface FreshBuild extends EmbedBuild {
  /** The files that each script is made of, from the root of the sources. */
  inputs: { entry: string[]; lists: string[]; console: string[] }
}

const OPTIONS = {
  absWorkingDir: ROOT,
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  metafile: true,
  write: false,
  logLevel: 'warning',
} satisfies BuildOptions

const SOURCE = 'src/embed'
const CONSOLE_SOURCE = 'src/console'
const CLIENT_SOURCE = 'src/client'
const ENTRY = 'v1.js'

/**
 * Builds the components: an entry that is one file, so that one hash says all of it, and the lists and the console, which
 * take what they share with the entry from the entry.
 */
export async function buildEmbed(): Promise<FreshBuild> {
  const hash = await sourceHash()
  // Two versions on one page must not take from each other.
  const key = `parley-embed ${version} ${hash.slice(0, 16)}`
  const ofEntry = { plugins: [kitOfEntry(key), smallerStyles] }
  const lists = named('lists', await bundle({ ...ofEntry, entryPoints: [`${SOURCE}/lists.ts`] }))
  const stdin = {
    resolveDir: join(ROOT, SOURCE),
    // The first of two copies wins, like its elements.
    contents: `import * as kit from './kit.ts'
      globalThis[Symbol.for(${JSON.stringify(key)})] ??= kit
      export * from './index.ts'`,
  }
  const entry = await bundle({ stdin, plugins: [laterLists(lists.script.name), smallerStyles] })
  const console = named('console', await bundle({ ...ofEntry, ...consoleAfter(entry.text) }, `../embed/${LICENSES}`))
  return {
    version,
    sourceHash: hash,
    entry: { name: ENTRY, text: entry.text, integrity: integrityOf(entry.text) },
    lists: lists.script,
    console: console.script,
    licenses: await licensesOf([...entry.inputs, ...lists.inputs, ...console.inputs]),
    inputs: { entry: entry.inputs, lists: lists.inputs, console: console.inputs },
  }
}

/** The console, which imports the entry. */
const consoleAfter = (entry: string) => {
  const url = `../embed/${entryUrlOf(ENTRY, entry)}`
  const contents = `import ${JSON.stringify(url)}
    import './index.ts'`
  return { external: [url], stdin: { resolveDir: join(ROOT, CONSOLE_SOURCE), contents } }
}

/** A script whose name says what is in it. */
const named = (name: string, { text, inputs }: Bundled) => ({
  script: { name: `${name}-${hashOf(text)}.js`, text, integrity: integrityOf(text) },
  inputs,
})

interface Bundled {
  text: string
  inputs: string[]
}

async function bundle(options: BuildOptions, licenses = LICENSES): Promise<Bundled> {
  const banner = { js: `/*! Parley ${version}. Licenses of what it contains: ${licenses} */` }
  const { outputFiles, metafile } = await build({ ...OPTIONS, ...options, banner, write: false })
  // Without what was left out because nothing uses it.
  const [output] = Object.values(metafile?.outputs ?? {})
  const used = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
  return { text: outputFiles[0]?.text ?? '', inputs: used.map(([path]) => path).toSorted() }
}

/** Where the entry imports the lists, it loads their file, which lies beside it. */
const laterLists = (name: string): Plugin => ({
  name: 'later lists',
  setup({ onResolve }) {
    onResolve({ filter: /\/lists\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: `./${name}`, external: true } : null,
    )
  },
})

/** Outside the entry, kit.ts is the entry's, and so is what must not be there twice: Lit, and what tells errors apart. */
const SHARED_MODULES = /^lit$|\/(?:lit-html|directive)\.js$/
const SHARED_FILES = [
  `${SOURCE}/kit.ts`,
  ...['errors', 'request', 'session'].map((name) => `${CLIENT_SOURCE}/${name}.ts`),
].map((path) => join(ROOT, path))

const kitOfEntry = (key: string): Plugin => ({
  name: 'kit of the entry',
  setup({ onResolve, onLoad }) {
    const kit = { path: 'kit.ts', namespace: 'kit' }
    onResolve({ filter: SHARED_MODULES }, () => kit)
    onResolve({ filter: /\.ts$/ }, ({ path, resolveDir }) =>
      SHARED_FILES.includes(join(resolveDir, path)) ? kit : null,
    )
    onLoad({ filter: /.*/, namespace: 'kit' }, async () => {
      const names = await exportsOf(`${SOURCE}/kit.ts`)
      return { contents: `export const { ${names.join(', ')} } = globalThis[Symbol.for(${JSON.stringify(key)})]` }
    })
  },
})

async function exportsOf(path: string): Promise<string[]> {
  const { metafile } = await build({ ...OPTIONS, entryPoints: [path] })
  return Object.values(metafile.outputs).flatMap(({ exports }) => exports)
}
