import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { buildEmbed } from '../../../src/http/embed/build-embed.ts'
import { entryUrlOf } from '../../../src/http/embed/embed-files.ts'

const MAX_BYTES = 60_000

const built = await buildEmbed()
const { text } = built.console
const inputs = built.inputs.console

test('the script has at most 60 KB, compressed', () => {
  expect(inputs).toContain('src/console/parley-console.ts')
  expect(gzipSync(text).length).toBeLessThanOrEqual(MAX_BYTES)
})

test('it imports this very entry, beside its own folder, before anything of its own runs', () => {
  const [, imported] = /^\/\*![^\n]*\*\/\nimport"([^"]+)";/.exec(text) ?? []
  expect(imported).toBe(`../embed/${entryUrlOf(built.entry.name, built.entry.text)}`)
  expect(imported).toMatch(/^\.\.\/embed\/v1\.js\?[0-9a-f]{16}$/)
  expect(text).toContain('../embed/licenses.txt')
})

test('it has no second Lit, whose Trusted Types policy the page would refuse', () => {
  expect(inputs.filter((path) => LIT.test(path))).toEqual([])
  expect(text).not.toContain('createPolicy')
  // In the entry they are, by these names.
  expect(built.inputs.entry.filter((path) => LIT.test(path)).length).toBeGreaterThanOrEqual(4)
  expect(built.entry.text).toContain('createPolicy')
})

const LIT = /^node_modules\/(?:lit-html\/(?:lit-html|directive)\.js|lit-element\/|@lit\/reactive-element\/|lit\/)/

test('it takes errors, requests and sessions from the entry, so that an error of one is an error of the other', () => {
  const shared = ['errors', 'request', 'session'].map((name) => `src/client/${name}.ts`)
  expect(built.inputs.entry).toEqual(expect.arrayContaining(shared))
  expect(inputs.filter((path) => [...shared, 'src/embed/kit.ts'].includes(path))).toEqual([])
})

test('it defines none of the components again', () => {
  expect(inputs.filter((path) => /^src\/embed\/(?:parley-|lists|settings|shared-session)/.test(path))).toEqual([])
})
