import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT, sourceHash } from './embed-sources.ts'

/** What is built of src/embed. */
export interface EmbedBuild {
  version: string
  /** Of the sources: another build of the same sources is the same, byte by byte. */
  sourceHash: string
  /** Defines the elements. */
  entry: Script
  /** Loaded by the entry when it is needed. */
  lists: Script
  /** The licenses of the packages that are in them. */
  licenses: string
}

export interface Script {
  name: string
  text: string
  /** For the attribute `integrity` of a page's `<script>`. */
  integrity: string
}

export const LICENSES = 'licenses.txt'
const DIST = join(ROOT, 'dist/embed')
const MANIFEST = 'manifest.json'

type Manifest = Pick<EmbedBuild, 'version' | 'sourceHash'> & Record<'entry' | 'lists', Omit<Script, 'text'>>

/** Puts a build into a folder, in place of an earlier one. */
export async function writeEmbed(build: EmbedBuild, folder = DIST): Promise<void> {
  const { version, sourceHash, entry, lists, licenses } = build
  const manifest: Manifest = {
    version,
    sourceHash,
    entry: { name: entry.name, integrity: entry.integrity },
    lists: { name: lists.name, integrity: lists.integrity },
  }
  const files = {
    [entry.name]: entry.text,
    [lists.name]: lists.text,
    [LICENSES]: licenses,
    [MANIFEST]: `${JSON.stringify(manifest, null, 2)}\n`,
  }
  await mkdir(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  for (const name of await readdir(folder)) if (!(name in files)) await rm(join(folder, name))
}

/** The build in the folder; null if there is none, it is not whole, or it is not of the sources that are there now. */
export async function readEmbed(folder = DIST): Promise<EmbedBuild | null> {
  const read = (name: string) => readFile(join(folder, name), 'utf8')
  try {
    const manifest: Manifest = JSON.parse(await read(MANIFEST))
    if (manifest.sourceHash !== (await sourceHash())) return null
    const script = async (of: Omit<Script, 'text'>) => ({ ...of, text: await read(of.name) })
    const [entry, lists] = await Promise.all([script(manifest.entry), script(manifest.lists)])
    if ([entry, lists].some(({ text, integrity }) => integrityOf(text) !== integrity)) return null
    return { ...manifest, entry, lists, licenses: await read(LICENSES) }
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

export const integrityOf = (text: string) => `sha384-${createHash('sha384').update(text).digest('base64')}`
