import { expect, inject, test } from 'vitest'
import { Command, emptyDatabase, migratedDatabase, ServerProcess, useProcesses } from '../support/process.ts'

useProcesses()

const WHO = '{ viewer { name scopes } }'

test('npm run admin-key makes one more ADMIN key, which the server takes', async () => {
  const settings = await migratedDatabase()
  const first = new ServerProcess(settings)
  const lost = await first.adminKey()
  const { body: before } = await first.ask(lost, WHO)
  await first.stop()

  const command = new Command('src/cli/admin-key.ts', settings, ['Found again'])
  expect(await command.ended).toBe(0)
  expect(command.stdout).toMatch(/^parley_[0-9A-Za-z]{22}_[0-9A-Za-z]{49}\n$/)
  const server = new ServerProcess(settings)
  expect((await server.ask(command.stdout.trim(), WHO)).body).toEqual({
    data: { viewer: { name: 'Found again', scopes: before.data.viewer.scopes } },
  })
  expect((await server.ask(lost, WHO)).body).toEqual(before)
})

test('settings that can’t be used are named, as the server does', async () => {
  const command = new Command('src/cli/admin-key.ts', { ...(await migratedDatabase()), ADMIN_KEY: 'parley_x' })
  expect(await command.ended).toBe(1)
  expect(command.stdout).toBe('')
  expect(command.stderr).toContain('ADMIN_KEY: ')
})

test.skipIf(inject('databaseKind') === 'postgresql')('a DATA_DIR that a server uses is left alone', async () => {
  const settings = await migratedDatabase()
  const server = new ServerProcess(settings)
  await server.adminKey()
  const command = new Command('src/cli/admin-key.ts', settings)
  expect(await command.ended).toBe(1)
  expect(command.stdout).toBe('')
  expect(command.stderr).toContain(`DATA_DIR: another process uses ${settings['DATA_DIR']}. Stop it`)
})

test.skipIf(inject('databaseKind') === 'pglite')('a database that a server uses is given one, too', async () => {
  const settings = await emptyDatabase()
  const command = new Command('src/cli/admin-key.ts', settings)
  expect(await command.ended).toBe(0)
  const server = new ServerProcess(settings)
  await server.url()
  const another = new Command('src/cli/admin-key.ts', settings)
  expect(await another.ended).toBe(0)
  for (const { stdout } of [command, another]) {
    expect((await server.ask(stdout.trim(), '{ viewer { name } }')).body).toEqual({
      data: { viewer: { name: 'Admin key made by npm run admin-key' } },
    })
  }
})
