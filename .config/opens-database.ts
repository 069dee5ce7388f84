import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'

/** What opens databases for tests, and what tells them which kind it is. */
const SUPPORT = /^test\/support\/(?:database|template)\.ts$/
const KIND = 'databaseKind'
const IMPORTED = /(?:from|import|import\()\s*'(\.[^']+\.ts)'/g

/** Whether a test file opens a database of the kind that its run is about: by what it imports from `test`. */
export function opensDatabase(file: string, seen = new Set<string>()): boolean {
  if (SUPPORT.test(file)) return true
  if (seen.has(file)) return false
  seen.add(file)
  const text = readFileSync(file, 'utf8')
  if (text.includes(KIND)) return true
  const imported = [...text.matchAll(IMPORTED)].map(([, path = '']) => join(dirname(file), path))
  return imported.some((path) => path.startsWith('test/') && opensDatabase(path, seen))
}
