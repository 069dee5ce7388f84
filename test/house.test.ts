import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const SOURCE = join(import.meta.dirname, '../src')

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts') && !path.includes('/generated/'))
  .map((path) => ({ path, lines: readFileSync(join(SOURCE, path), 'utf8').trimEnd().split('\n') }))

const MAX_LINES = 300
/** Of all lines of the source. */
const MAX_PART = 0.2

test('no file is longer than a reader keeps in mind', () => {
  expect(files.length).toBeGreaterThan(300)
  expect(files.filter(({ lines }) => lines.length > MAX_LINES).map(({ path }) => path)).toEqual([])
})

test('no folder is more than a fifth of the source', () => {
  const linesOf = (some: typeof files) => some.reduce((sum, { lines }) => sum + lines.length, 0)
  const folders = Map.groupBy(
    files.filter(({ path }) => path.includes('/')),
    ({ path }) => path.split('/')[0],
  )
  const large = [...folders].filter(([, some]) => linesOf(some) > MAX_PART * linesOf(files))
  expect(large.map(([folder]) => folder)).toEqual([])
})

test('types are overruled in few places', () => {
  const OVERRULED = /\bas never\b|\bas unknown as\b/
  const found = files.flatMap(({ path, lines }) =>
    lines
      .filter(
        (line) => OVERRULED.test(line) && !/^\s*(\/\/|\*|\/\*)/.test(line) && !/['`].*\bas never\b.*['`]/.test(line),
      )
      .map(() => path),
  )
  expect(found.toSorted()).toEqual([
    'conversations/conversation.graphql.ts',
    'database/tenant-scope.ts',
    'execution/answer-text.ts',
    'graphql/known-fields.ts',
    'graphql/rows.ts',
  ])
})

test('threads are started in one place, which keeps V8 from ending the process', () => {
  const starting = files.filter(({ lines }) => lines.some((line) => /\bnew Worker\(/.test(line)))
  expect(starting.map(({ path }) => path)).toEqual(['start-thread.ts'])
})
