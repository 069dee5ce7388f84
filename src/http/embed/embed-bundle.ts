import { IMMUTABLE, JAVASCRIPT, packFile, type StaticFile } from '../static-file.ts'
import { type EmbedBuild, entryUrlOf, LICENSES, readEmbed } from './embed-files.ts'

/** Everything in it is found relative to it: a proxy may serve it below a path of its own. */
export const EMBED_FOLDER = '/embed/'

/** The components and the console as they are served. */
export interface EmbedBundle {
  version: string
  /** The name of the entry of this version. */
  name: string
  integrity: string
  /** By name. */
  files: ReadonlyMap<string, { file: StaticFile; cacheControl: string }>
  /** The entry as the console imports it, relative to the folder. */
  entryUrl: string
  /** The script of the console. */
  console: { name: string; file: StaticFile }
}

/** For a name that stands for whatever is the newest. */
const BRIEFLY = 'public, max-age=300'
/** The smallest: they are compressed once, outside the main thread, in a third of a second. */
const COMPRESSION = { quality: 11 }

let loading: Promise<EmbedBundle> | null = null

/** Loaded at the first request, and then cached. */
export function embedBundle(): Promise<EmbedBundle> {
  loading ??= load().catch((error) => {
    loading = null
    throw error
  })
  return loading
}

async function load(): Promise<EmbedBundle> {
  const { version, entry, lists, console, licenses } = (await readEmbed()) ?? (await buildHere())
  const [script, chunk, ofConsole, text] = await Promise.all([
    packFile(entry.text, JAVASCRIPT, COMPRESSION),
    packFile(lists.text, JAVASCRIPT, COMPRESSION),
    packFile(console.text, JAVASCRIPT, COMPRESSION),
    packFile(licenses, 'text/plain; charset=utf-8', COMPRESSION),
  ])
  const name = `${version}.js`
  const files = new Map([
    [entry.name, { file: script, cacheControl: BRIEFLY }],
    [name, { file: script, cacheControl: IMMUTABLE }],
    [lists.name, { file: chunk, cacheControl: IMMUTABLE }],
    [LICENSES, { file: text, cacheControl: BRIEFLY }],
  ])
  return {
    ...{ version, name, integrity: entry.integrity, files },
    entryUrl: entryUrlOf(entry.name, entry.text),
    console: { name: console.name, file: ofConsole },
  }
}

/**
 * Builds the components if the installation has not, or the sources were changed since. In memory: whoever serves need
 * not be able to write where Parley is installed.
 */
async function buildHere(): Promise<EmbedBuild> {
  const [{ buildEmbed }, { stop }] = await Promise.all([import('./build-embed.ts'), import('esbuild')])
  const built = await buildEmbed()
  // esbuild is a process of its own.
  await stop()
  return built
}
