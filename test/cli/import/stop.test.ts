import { expect, test } from 'vitest'
import { listen } from '../../support/listen.ts'
import { startTestServer, type TestServer } from '../../support/server.ts'
import {
  isLogging,
  RANGE,
  readConversations,
  runImport,
  SAMPLE,
  SAMPLE_LINES,
  startImport,
  useImports,
} from './import-command.ts'

useImports()

/** It takes a few conversations in a call, so that the sample is many calls. */
const server = await startTestServer({ maxBodyBytes: 8_192 })
const url = await listen(server.fetch)

const EXTERNAL_IDS = SAMPLE_LINES.map((text) => JSON.parse(text).conversation_id)
const whole = await server.newTenant()
await runImport([SAMPLE, '--url', url, ...RANGE], { PARLEY_KEY: whole.key })
const WHOLE = withoutWriteTimes(await readConversations(whole.ask))

function withoutWriteTimes(conversations: Record<string, unknown>[]) {
  return conversations.map(({ createdAt, updatedAt, ...conversation }) => conversation)
}

/** Answers as the server does; the n-th call that logs is told before it is answered, and after. */
const listenTo = (on: (call: number, body: string) => { before?: () => unknown; after?: () => unknown }) => {
  let calls = 0
  return listen(async (path: string, init?: Parameters<TestServer['fetch']>[1]) => {
    if (!isLogging(init)) return server.fetch(path, init)
    calls += 1
    const { before, after } = on(calls, String(init?.body))
    await before?.()
    const answer = await server.fetch(path, init)
    await after?.()
    return answer
  })
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal}: what is under way is finished, and the run goes on where it says, with the same result`, async () => {
    const tenant = await server.newTenant()
    const sent: string[] = []
    const proxy = await listenTo((call, body) => {
      sent.push(...JSON.parse(body).variables.inputs.map(({ externalId }: { externalId: string }) => externalId))
      return call === 4 ? { before: () => run.signal(signal) } : {}
    })
    const args = [SAMPLE, '--url', proxy, ...RANGE]
    const env = { PARLEY_KEY: tenant.key }
    const run = startImport(args, env)
    const stopped = await run.ended
    expect(stopped.code).toBe(1)
    expect(stopped.stderr).toBe('format: taskmaster\nstopping: calls in progress are finished\n')
    expect(stopped.stdout).toContain('Stopped before the end: interrupted\n')
    const [, line = ''] = /--from-line (\d+) at its end/.exec(stopped.stdout) ?? []
    const stored = Number(line) - 1
    expect(stored).toBeGreaterThan(0)
    expect(stored).toBeLessThan(20)
    expect(stopped.stdout).toContain(`Conversations logged: ${stored}\n`)
    expect(await readConversations(tenant.ask)).toHaveLength(stored)

    const resumed = await runImport([...args, '--from-line', line], env)
    expect(resumed.code).toBe(0)
    expect(resumed.stdout).toContain(`Conversations logged: ${20 - stored}\nConversations already there: 0\n`)
    expect(sent.toSorted()).toEqual(EXTERNAL_IDS.toSorted())
    expect(withoutWriteTimes(await readConversations(tenant.ask))).toEqual(WHOLE)
  })
}

test('killed with -9 and run again, everything is there once', async () => {
  const tenant = await server.newTenant()
  // Stored, and nobody is told.
  const proxy = await listenTo((call) => (call === 4 ? { after: kill } : {}))
  async function kill() {
    run.signal('SIGKILL')
    await run.ended
  }
  const args = [SAMPLE, ...RANGE, '--url']
  const env = { PARLEY_KEY: tenant.key }
  const run = startImport([...args, proxy], env)
  expect((await run.ended).code).toBe('SIGKILL')
  expect((await readConversations(tenant.ask)).length).toBeGreaterThan(0)

  const again = await runImport([...args, url], env)
  expect(again.code).toBe(0)
  const [, logged, existing] = /logged: (\d+)\nConversations already there: (\d+)/.exec(again.stdout) ?? []
  expect(Number(logged) + Number(existing)).toBe(20)
  expect(Number(existing)).toBeGreaterThan(0)
  expect(Number(logged)).toBeGreaterThan(0)
  expect(withoutWriteTimes(await readConversations(tenant.ask))).toEqual(WHOLE)
})

test('a run whose range ends now says the end that the rest is to have', async () => {
  const tenant = await server.newTenant()
  const proxy = await listenTo((call) => (call === 1 ? { before: () => run.signal('SIGTERM') } : {}))
  const run = startImport([SAMPLE, '--url', proxy, '--from', '2025-03-01', '--to', '9000-01-01'], {
    PARLEY_KEY: tenant.key,
  })
  const { stdout } = await run.ended
  expect(stdout).toContain('The range ends now, because --to is in the future.\n')
  expect(stdout).toMatch(/--from-line \d+ --to 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z at its end\./)
})
