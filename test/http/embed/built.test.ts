import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { buildEmbed } from '../../../src/http/embed/build-embed.ts'
import { readEmbed, writeEmbed } from '../../../src/http/embed/embed-files.ts'

const MAX_ENTRY_BYTES = 40_000
const MAX_BYTES = 60_000

const folder = mkdtempSync(join(tmpdir(), 'parley-embed-'))
afterAll(() => rmSync(folder, { recursive: true }))

const built = await buildEmbed()

const gzipped = (text: string) => gzipSync(text).length

test('the entry has at most 40 KB, and with the lists 60 KB, compressed', () => {
  const [entry, lists] = [gzipped(built.entry.text), gzipped(built.lists.text)]
  const told = `the entry has ${entry} bytes, the lists have ${lists}, together ${entry + lists}`
  expect(entry, told).toBeLessThanOrEqual(MAX_ENTRY_BYTES)
  expect(entry + lists, told).toBeLessThanOrEqual(MAX_BYTES)
})

test('the same sources give the same files, so that a hash in a page stays right', async () => {
  expect(await buildEmbed()).toEqual(built)
})

test('no code is in both: the lists take it from kit.ts', () => {
  expect(built.inputs.lists.some((path) => path.startsWith('src/embed/lists'))).toBe(true)
  expect(built.inputs.lists.filter((path) => built.inputs.entry.includes(path))).toEqual([])
  expect(built.inputs.entry).toContain('node_modules/lit-html/lit-html.js')
})

test('the style sheets are minified, and whole', () => {
  expect(built.entry.text).toContain(':host{display:block;flex-grow:1}:host([hidden]){display:none}')
  for (const { text } of [built.entry, built.lists, built.console])
    expect(text).not.toMatch(/\{\n\s+[a-z-]+: [^;\n]+;\n/)
})

test('nothing in it is made of a text at run time, or comes from elsewhere', () => {
  for (const { text } of [built.entry, built.lists, built.console]) {
    expect(text).not.toMatch(/\beval\(|new Function\(|\bimport\(["'`]https?:|sourceMappingURL/)
  }
})

test('what is read from the folder is what was built', async () => {
  await writeEmbed(built, folder)
  const { inputs, ...expected } = built
  expect(await readEmbed(folder)).toEqual(expected)
})

test('an earlier build is replaced', async () => {
  await writeEmbed({ ...built, lists: { ...built.lists, name: 'lists-old.js' } }, folder)
  await writeEmbed(built, folder)
  expect(readdirSync(folder).toSorted()).toEqual([
    ...[built.console.name, 'licenses.txt', built.lists.name, 'manifest.json', 'v1.js'],
  ])
})

const changeManifest = (change: object) => {
  const path = join(folder, 'manifest.json')
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }))
}

test.each<[string, () => void]>([
  ['is missing', () => rmSync(folder, { recursive: true })],
  ['was interrupted before its manifest', () => rmSync(join(folder, 'manifest.json'))],
  ['has a manifest that is cut off', () => writeFileSync(join(folder, 'manifest.json'), '{')],
  ['lacks a file', () => rmSync(join(folder, built.lists.name))],
  ['has a file that was changed', () => appendFileSync(join(folder, 'v1.js'), ' ')],
  ['is of other sources', () => changeManifest({ sourceHash: '0'.repeat(64) })],
])('a build that %s is not served', async (_name, damage) => {
  await writeEmbed(built, folder)
  damage()
  expect(await readEmbed(folder)).toBe(null)
  await writeEmbed(built, folder)
})
