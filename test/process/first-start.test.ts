import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { makeSecret } from '../../src/auth/api-key.ts'
import {
  emptyDatabase,
  FIRST_KEY_VIEWER,
  migratedDatabase,
  ServerProcess,
  useProcesses,
  VIEWER,
} from '../support/process.ts'

useProcesses()

/** What a shell would make of the printed curl command. */
async function runCurl(command: string): Promise<unknown> {
  const words = [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, ...quoted]) => quoted.find((text) => text))
  const after = (option: string) => words.filter((_, i) => words[i - 1] === option).map(String)
  const headers = after('-H').map((header) => header.split(/:\s*/, 2) as [string, string])
  const response = await fetch(String(words[1]), { method: 'POST', headers, body: String(after('-d')[0]) })
  return response.json()
}

test('the first start on an empty database prints the key once, and the first call it prints works', async () => {
  const server = new ServerProcess(await emptyDatabase())
  const key = await server.adminKey()
  expect(key).toMatch(/^parley_[0-9A-Za-z]{22}_[0-9A-Za-z]{49}$/)
  const { firstCall } = await server.line((line) => 'firstCall' in line)
  expect(await runCurl(String(firstCall))).toEqual({
    data: { createTenant: { tenant: { id: 'acme', timeZone: 'UTC' } } },
  })
  expect(await server.stop()).toBe(0)
  expect(server.lines.filter((line) => JSON.stringify(line).includes('parley_'))).toHaveLength(1)
  expect(server.stderr).toBe('')
})

test('a second start prints no key, and the first one still works', async () => {
  const settings = await migratedDatabase()
  const first = new ServerProcess(settings)
  const key = await first.adminKey()
  await first.stop()
  const second = new ServerProcess(settings)
  expect((await second.ask(key, VIEWER)).body).toEqual(FIRST_KEY_VIEWER)
  await second.stop()
  expect(second.stdout).not.toContain('parley_')
})

test('a start that can’t listen names the setting, ends, and leaves the key for the next start', async () => {
  const settings = await migratedDatabase()
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const failed = new ServerProcess({ ...settings, PORT: String(port) })
  expect(await failed.ended).toBe(1)
  taken.close()
  expect(failed.stdout).toBe('')
  expect(failed.stderr).toBe(
    `HOST, PORT: can't listen there: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`,
  )
  const next = new ServerProcess(settings)
  expect((await next.ask(await next.adminKey(), VIEWER)).body).toEqual(FIRST_KEY_VIEWER)
})

test('the key is printed where the log keeps nothing else', async () => {
  const server = new ServerProcess({ ...(await migratedDatabase()), LOG_LEVEL: 'silent' })
  await server.adminKey()
  await server.stop()
  expect(server.lines).toHaveLength(1)
})

test('ADMIN_KEY is the first key and is never printed', async () => {
  const ADMIN_KEY = makeSecret(randomUUID())
  const server = new ServerProcess({ ...(await migratedDatabase()), ADMIN_KEY })
  const { firstCall } = await server.line((line) => 'firstCall' in line)
  expect(firstCall).toContain('Bearer $ADMIN_KEY"')
  expect((await server.ask(ADMIN_KEY, VIEWER)).body).toEqual(FIRST_KEY_VIEWER)
  expect(await runCurl(String(firstCall).replace('$ADMIN_KEY', ADMIN_KEY))).toHaveProperty('data.createTenant')
  await server.stop()
  expect(server.stdout + server.stderr).not.toContain('parley_')
})
