import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeSecret } from '../../src/auth/api-key.ts'
import { Command, newDirectory, ServerProcess, type Settings, useProcesses } from '../support/process.ts'

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
    '  NODE_ENV: must be one of development, production, test',
    expect.stringMatching(/^ {2}MAX_BODY_BYTES: must be a whole number$/),
    expect.stringMatching(/^ {2}LOG_LEVEL: /),
    '  DATABASE_OWNER_URL: needs DATABASE_URL, which the server connects with',
    '  ADMIN_KEY: is not a well-formed key: its format or checksum is wrong',
    '',
  ])
  expect(existsSync(DATA_DIR)).toBe(false)
})

test('npm run admin-key names them as the server does', async () => {
  const command = new Command('admin-key', { DATA_DIR: newDirectory(), ADMIN_KEY: 'parley_x' })
  expect(await command.ended).toBe(1)
  expect(command.stdout).toBe('')
  expect(command.stderr).toContain('ADMIN_KEY: ')
})
