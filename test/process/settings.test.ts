import { randomUUID } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeSecret } from '../../src/auth/api-key.ts'
import { newDirectory, ServerProcess, type Settings, useProcesses } from '../support/process.ts'

useProcesses()

/** What a start prints that is refused; it must print nothing else and serve nothing. */
async function refusal(settings: Settings): Promise<string> {
  const refused = new ServerProcess(settings)
  expect(await refused.ended).toBe(1)
  expect(refused.stdout).toBe('')
  return refused.stderr
}

test('settings that can’t be used are named all at once, before a database is touched', async () => {
  const DATA_DIR = join(newDirectory(), 'data')
  const key = makeSecret(randomUUID())
  const message = await refusal({
    DATA_DIR,
    PORT: '70000',
    NODE_ENV: 'prod',
    LOG_LEVEL: 'loud',
    MAX_BODY_BYTES: '10MB',
    DATABASE_OWNER_URL: 'postgres://owner:hunter2@localhost/parley',
    // A checksum of another key.
    ADMIN_KEY: key.slice(0, -6) + makeSecret(randomUUID()).slice(-6),
  })
  expect(message.split('\n')).toEqual([
    "These settings can't be used:",
    expect.stringMatching(/^ {2}PORT: must be between 0 and 65535$/),
    expect.stringMatching(/^ {2}NODE_ENV: /),
    expect.stringMatching(/^ {2}MAX_BODY_BYTES: must be a whole number$/),
    expect.stringMatching(/^ {2}LOG_LEVEL: /),
    '  DATABASE_OWNER_URL: needs DATABASE_URL, the role that serves',
    '  ADMIN_KEY: is not a well-formed key: its form or its checksum is wrong',
    '',
  ])
  expect(existsSync(DATA_DIR)).toBe(false)
})

test('a database that can’t be reached is named by its setting, without its password', async () => {
  const nowhere = 'postgres://somebody:hunter2@localhost:1/parley'
  const message = await refusal({ DATABASE_URL: nowhere })
  expect(message).toMatch(/^DATABASE_URL: the database can't be reached: .*ECONNREFUSED/)
  const ownerMessage = await refusal({ DATABASE_URL: nowhere, DATABASE_OWNER_URL: nowhere })
  expect(ownerMessage).toMatch(/^DATABASE_OWNER_URL: the database can't be reached: .*ECONNREFUSED/)
  expect(message + ownerMessage).not.toContain('hunter2')
})

test('a DATA_DIR that can’t be a directory is named', async () => {
  const file = join(newDirectory(), 'file')
  writeFileSync(file, '')
  expect(await refusal({ DATA_DIR: file })).toMatch(`DATA_DIR: ${file} can't be used: `)
})
