import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../../..')

/** What the components and the console are made of. The versions of packages are in package.json. */
const FOLDERS = ['src/embed', 'src/console', 'src/client']
const FILES = ['package.json', 'src/http/embed/build-embed.ts', 'src/http/embed/smaller-styles.ts']

/** A hash of everything that is built. */
export async function sourceHash(): Promise<string> {
  const found = await Promise.all(FOLDERS.map(scriptsIn))
  const paths = [...FILES, ...found.flat().toSorted()]
  const texts = await Promise.all(paths.map((path) => readFile(join(ROOT, path), 'utf8')))
  const hash = createHash('sha256')
  for (const [index, path] of paths.entries()) hash.update(`${path}\0${texts[index]}\0`)
  return hash.digest('hex')
}

async function scriptsIn(folder: string): Promise<string[]> {
  const paths = await readdir(join(ROOT, folder), { recursive: true })
  return paths.filter((path) => path.endsWith('.ts')).map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
}
