import { expect, test } from 'vitest'
import { runImport, useImports } from './import-command.ts'

useImports()

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
    '--from-line: must be a whole number from 1 on',
    '--from: is missing',
    '--key: is missing',
    '--tenant: needs a value',
    '--to: must be an ISO 8601 date or date-time',
    '--url: must be an http or https URL',
    'FILE: takes one, not 3',
  ])
})

test('a range must begin before it ends, and in the past', async () => {
  const problems = async (from: string, to: string) =>
    (await runImport(['file', '--key', 'parley_x', '--from', from, '--to', to])).stderr.split('\n\n')[0]
  expect(await problems('2025-03-02', '2025-03-02')).toBe('--to: must be after --from')
  expect(await problems('9000-01-01', '9001-01-01')).toBe('--from: must be in the past')
})

test('--help explains the command', async () => {
  const { code, stdout } = await runImport(['--help', '--wrong'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Usage: npm run import -- FILE --from DATE --to DATE/)
})
