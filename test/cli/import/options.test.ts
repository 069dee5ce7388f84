import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeSecret } from '../../../src/auth/api-key.ts'
import { Command, useProcesses } from '../../support/process.ts'
import { RANGE, runImport, useImports } from './import-command.ts'

useImports()
useProcesses()

const KEY = makeSecret(randomUUID())
const TOKEN = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2ln'

test('every option that is wrong is named at once, with the usage', async () => {
  const { code, stdout, stderr } = await runImport(
    [
      'one',
      'two',
      '--fro',
      '2025-01-01',
      '--to',
      '2025-02-30',
      '--url',
      'localhost:4000',
      '--from-line',
      '0',
      '--tenant',
    ],
    { PARLEY_KEY: '' },
  )
  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(stderr.split('\n\nUsage: ')[0]?.split('\n').toSorted()).toEqual([
    '--fro: there is no such option',
    '--from-line: must be a whole number, at least 1',
    '--from: is missing',
    '--tenant: needs a value',
    '--to: must be an ISO 8601 date or date-time',
    '--url: must be an http or https URL',
    'FILE: must be one file, not 3',
    'PARLEY_KEY: is missing',
  ])
})

test.each([
  ['--key KEY', ['--key', 'parley_x'], '--key'],
  ['--key=KEY', ['--key=parley_x'], '--key'],
  ['--key and a whole key', ['--key', KEY], '--key'],
  ['a key for a file', [KEY], 'arguments'],
  ['a key in another option', ['--tenant', KEY], 'arguments'],
  ['a key in the URL', ['--url', `http://localhost:4000/graphql?key=${KEY}`], 'arguments'],
  ['a key for the name of an option', [`--${KEY}`], 'arguments'],
  ['a token', ['--tenant', TOKEN], 'arguments'],
])('%s: a secret is refused as an argument, and is not repeated', async (_name, args, named) => {
  const { code, stdout, stderr } = await runImport(['file', ...RANGE, ...args], { PARLEY_KEY: 'parley_x' })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(new RegExp(`^${named}: .*arguments of a command\\. Set PARLEY_KEY instead$`, 'm'))
  expect(stderr).not.toContain(KEY)
  expect(stderr).not.toContain(TOKEN)
})

test.each(['demo', 'admin-key'] as const)(
  'npm run %s refuses a key as an argument, before it does anything',
  async (script) => {
    const command = new Command(script, { DATA_DIR: '/nowhere' }, { args: [KEY] })
    expect(await command.ended).toBe(1)
    expect(command.stdout).toBe('')
    expect(command.stderr).toMatch(/^An argument holds a key or a token: .* Set PARLEY_KEY instead\.\n$/)
  },
)

test('a range must begin before it ends, and in the past', async () => {
  const problems = async (from: string, to: string) =>
    (await runImport(['file', '--from', from, '--to', to], { PARLEY_KEY: 'parley_x' })).stderr.split('\n\n')[0]
  expect(await problems('2025-03-02', '2025-03-02')).toBe('--to: must be after --from')
  expect(await problems('9000-01-01', '9001-01-01')).toBe('--from: must be in the past')
})

test('--help explains the command', async () => {
  const { code, stdout } = await runImport(['--help', '--wrong'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Usage: npm run import -- FILE \[--format NAME\] \[--from DATE --to DATE\]/)
})
