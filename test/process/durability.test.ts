import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { FIRST_KEY_VIEWER, migratedDatabase, ServerProcess, useProcesses, VIEWER } from '../support/process.ts'

useProcesses()

const LOG = `mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { externalId } } }`

test('an acknowledged write survives kill -9, and the next start opens at once', async () => {
  const settings = await migratedDatabase()
  const first = new ServerProcess(settings)
  const key = await first.adminKey()
  await first.ask(key, 'mutation { createTenant(input: { id: "acme", name: "Acme" }) { created } }')
  const messages = [{ chat: { role: 'USER', content: 'Hello?' } }]
  const logged = await first.ask(key, LOG, { tenantId: 'acme', variables: { input: { externalId: 'c-1', messages } } })
  expect(logged.body).toEqual({ data: { logConversation: { conversation: { externalId: 'c-1' } } } })
  expect(await first.stop('SIGKILL')).toBe('SIGKILL')

  const second = new ServerProcess(settings)
  const read = await second.ask(key, '{ conversations { nodes { externalId messages { nodes { __typename } } } } }', {
    tenantId: 'acme',
  })
  expect(read.body).toEqual({
    data: { conversations: { nodes: [{ externalId: 'c-1', messages: { nodes: [{ __typename: 'ChatMessage' }] } }] } },
  })
})

test.skipIf(inject('databaseKind') === 'postgresql')(
  'a first start that was killed while it made the database is begun again',
  async () => {
    const settings = await migratedDatabase()
    // As it looks then: some of the files, and the mark of a database that is not whole.
    rmSync(join(String(settings['DATA_DIR']), 'database/global'), { recursive: true })
    writeFileSync(join(String(settings['DATA_DIR']), 'database-unfinished'), '')
    const server = new ServerProcess(settings)
    expect((await server.ask(await server.adminKey(), VIEWER)).body).toEqual(FIRST_KEY_VIEWER)
  },
)

test.skipIf(inject('databaseKind') === 'postgresql')(
  'a second process on the same DATA_DIR is refused, and the first goes on',
  async () => {
    const settings = await migratedDatabase()
    const first = new ServerProcess(settings)
    const key = await first.adminKey()
    const second = new ServerProcess(settings)
    expect(await second.ended).toBe(1)
    expect(second.stdout).toBe('')
    expect(second.stderr).toBe(
      `DATA_DIR: another process uses ${settings['DATA_DIR']}. Stop it, or give this one a directory of its own.\n`,
    )
    expect((await first.ask(key, VIEWER)).body).toEqual(FIRST_KEY_VIEWER)
  },
)
