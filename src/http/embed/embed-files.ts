import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT, sourceHash } from './embed-sources.ts'

/** What is built of src/embed and src/console. */
export interface EmbedBuild {
  version: string
  /** Of the sources: another build of the same sources is the same, byte by byte. */
  sourceHash: string
  /** Defines the elements. */
  entry: Script
  /** Loaded by the entry when it is needed. */
  lists: Script
  /** Of the page for administrators. Imports the entry. */
  console: Script
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

const PARTS = ['entry', 'lists', 'console'] as const
type Part = (typeof PARTS)[number]
type Manifest = Pick<EmbedBuild, 'version' | 'sourceHash'> & Record<Part, Omit<Script, 'text'>>

/** Puts a build into a folder, in place of an earlier one. */
export async function writeEmbed(build: EmbedBuild, folder = DIST): Promise<void> {
  const { version, sourceHash, licenses } = build
  const described = PARTS.map((part) => [part, { name: build[part].name, integrity: build[part].integrity }])
  const manifest = { version, sourceHash, ...Object.fromEntries(described) }
  const files = {
    ...Object.fromEntries(PARTS.map((part) => [build[part].name, build[part].text])),
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
    const script = async (part: Part) => ({ ...manifest[part], text: await read(manifest[part].name) })
    const [entry, lists, console] = await Promise.all([script('entry'), script('lists'), script('console')])
    if ([entry, lists, console].some(({ text, integrity }) => integrityOf(text) !== integrity)) return null
    return { ...manifest, entry, lists, console, licenses: await read(LICENSES) }
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

export const integrityOf = (text: string) => `sha384-${createHash('sha384').update(text).digest('base64')}`

/** Short enough for a name. */
export const hashOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)

/** For a page of this server's: an earlier entry, which the browser may still have, is not of this name. */
export const entryUrlOf = (name: string, text: string) => `${name}?${hashOf(text)}`
