import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const SOURCE = join(import.meta.dirname, '../src')

/**
 * The layers, as a request walks through them: each imports only from those behind it and from itself. What is a
 * folder is named by it, and a file at the top by itself.
 */
const LAYERS = [
  'demo',
  'cli',
  'main',
  'first-call',
  'workers',
  'serve',
  'shutdown',
  'listen',
  'server',
  'http',
  'context',
  'graphql',
  'domain',
  'auth',
  'database',
  'failure-log',
  'log',
  'config',
  'errors',
]

/** Against the direction, and only as a type: resolvers and the request log are handed the context they name. */
const TYPES_OF_CONTEXT = ['graphql', 'http']

interface Import {
  file: string
  from: string
  to: string
  typeOnly: boolean
}

const IMPORT = /^(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s+)?['"](\.[^'"]+)['"]/gm

const imports: Import[] = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.includes('generated'))
  .flatMap((file) =>
    [...readFileSync(join(SOURCE, file), 'utf8').matchAll(IMPORT)].map(([, type, target = '']) => ({
      file,
      from: layerOf(file),
      to: layerOf(relative(SOURCE, join(SOURCE, dirname(file), target))),
      typeOnly: type !== undefined,
    })),
  )

function layerOf(file: string): string {
  return file.split('/')[0]?.replace(/\.ts$/, '') ?? ''
}

test('every file of the source is in a layer', () => {
  const layers = new Set(imports.flatMap(({ from, to }) => [from, to]))
  expect([...layers].filter((layer) => !LAYERS.includes(layer))).toEqual([])
  expect(imports.length).toBeGreaterThan(100)
})

test('imports go one way: main, server, context, graphql, domain, database', () => {
  const backward = imports.filter(
    ({ from, to, typeOnly }) =>
      LAYERS.indexOf(to) < LAYERS.indexOf(from) && !(typeOnly && to === 'context' && TYPES_OF_CONTEXT.includes(from)),
  )
  expect(backward).toEqual([])
})

test('auth never imports graphql; errors and config import nothing of ours', () => {
  expect(imports.filter(({ from, to }) => from === 'auth' && to === 'graphql')).toEqual([])
  expect(imports.filter(({ from }) => from === 'errors' || from === 'config')).toEqual([])
})
