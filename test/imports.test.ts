import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const SOURCE = join(import.meta.dirname, '../src')

/**
 * The rooms, from those that use others to those that others use: each imports only from its own row and from the rows
 * below. A room is a folder, or a file at the top by itself.
 */
const ROOMS = [
  ['demo', 'cli', 'main', 'serve', 'server', 'process'],
  ['execution', 'schema', 'live', 'jobs'],
  ['analytics', 'conversations'],
  ['messages', 'agents', 'tenants'],
  ['credentials', 'documents', 'audit'],
  ['idempotency'],
  ['http', 'graphql'],
  ['context', 'auth', 'rows'],
  ['search', 'metadata'],
  ['database'],
  ['fairness'],
  ['input', 'config', 'errors', 'log', 'failure-log', 'start-thread'],
  ['console'],
  ['embed'],
  ['client'],
]

/** What is imported upward, as a type only: who is handed a thing names it. */
const TYPES_UPWARD = [
  // The batch of writes that shares an operation's transaction hangs on its context.
  'context.ts -> conversations/write-batch.ts',
  // A token may be restricted to values of metadata.
  'database/tenant-scope.ts -> metadata/metadata-entries.ts',
  // The identity of a request records refusals, and is kept for the request's subscription.
  'http/identity.ts -> audit/refused-attempts.ts',
  'http/identity.ts -> live/run-subscription.ts',
]

interface Import {
  file: string
  target: string
  typeOnly: boolean
}

const IMPORT = /^(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s+)?['"](\.[^'"]+)['"]/gm

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.includes('generated'),
)

const textOf = (file: string) => readFileSync(join(SOURCE, file), 'utf8')

const imports: Import[] = files.flatMap((file) =>
  [...textOf(file).matchAll(IMPORT)].map(([, type, target = '']) => ({
    file,
    target: relative(SOURCE, join(SOURCE, dirname(file), target)),
    typeOnly: type !== undefined,
  })),
)

const roomOf = (file: string) => file.split('/')[0]?.replace(/\.ts$/, '') ?? ''
const rowOf = (file: string) => ROOMS.findIndex((row) => row.includes(roomOf(file)))

test('every file is in a room', () => {
  expect(files.filter((file) => rowOf(file) === -1)).toEqual([])
  expect(imports.length).toBeGreaterThan(1_000)
})

test('no room imports from one above it, but for a few types', () => {
  const upward = imports.filter(({ file, target }) => rowOf(target) < rowOf(file))
  const named = ({ file, target }: Import) => `${file} -> ${target}`
  expect(upward.filter(({ typeOnly }) => !typeOnly).map(named)).toEqual([])
  expect(upward.map(named).sort()).toEqual(TYPES_UPWARD.toSorted())
})

test('a file that builds the schema says so in its name, and so does one with SQL', () => {
  const isKit = (file: string) => ['graphql', 'schema'].includes(roomOf(file))
  const builds = imports.filter(({ target, typeOnly }) => target === 'graphql/builder.ts' && !typeOnly)
  expect(builds.map(({ file }) => file).filter((file) => !file.endsWith('.graphql.ts') && !isKit(file))).toEqual([])
  // The room of the database is about statements throughout.
  const withSql = files.filter((file) => SQL.test(textOf(file)) && roomOf(file) !== 'database')
  expect(withSql.filter((file) => !file.endsWith('.sql.ts'))).toEqual([])
})

/** A statement, or the tag of one. */
const SQL =
  /\bsql`|\$(?:query|execute)Raw|\bSELECT\s.*\bFROM\b|\b(?:INSERT INTO|DELETE FROM)\b|\bUPDATE \w+ (?:AS )?\w* ?SET\b/

test('errors and config import nothing of ours', () => {
  expect(imports.filter(({ file }) => ['errors.ts', 'config.ts'].includes(file))).toEqual([])
})

test('no files import each other in a circle', () => {
  const targets = new Map(files.map((file) => [file, imports.filter((one) => one.file === file && !one.typeOnly)]))
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, path: string[]) => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (done.has(file) || path.includes(file)) return
    for (const { target } of targets.get(file) ?? []) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  expect(circles).toEqual([])
})
