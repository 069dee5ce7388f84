import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readBackup } from '../../../src/database/backup/backup-directory.ts'

const WHOLE = { format: 1, madeAt: '2026-01-01T00:00:00Z', parley: '0.2.0', kind: 'postgresql', owner: 'o', roles: [] }

test.each([
  ['cut off', '{"format": 1, "mad'],
  ['null', 'null'],
  ['without a kind', JSON.stringify({ format: 1, madeAt: '', parley: '0.2.0' })],
  ['without its protection', JSON.stringify(WHOLE)],
  ['with roles that are none', JSON.stringify({ ...WHOLE, roles: 'all' })],
])('a backup.json that is %s is named', (_what, text) => {
  const directory = mkdtempSync(join(tmpdir(), 'parley-backup-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'backup.json')
  writeFileSync(path, text)
  expect(() => readBackup(directory, 'postgresql')).toThrow(`${path} is damaged (`)
})
