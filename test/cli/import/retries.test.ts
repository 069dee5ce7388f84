import { expect, test } from 'vitest'
import { createClient, Unreachable } from '../../../src/cli/import/graphql-client.ts'
import { listen } from '../../support/listen.ts'
import { startTestServer } from '../../support/server.ts'
import { isLogging, line, RANGE, readConversations, runImport, startImport, useImports } from './import-command.ts'

const server = await startTestServer()
const makeFile = useImports()

/** What a server answers, one after the other, and the last one for ever; what it was sent; how long its client waited. */
async function script(answers: (() => Response)[], retryDelaysMs: number[]) {
  const sent: string[] = []
  const waits: number[] = []
  const url = await listen(async (_path, init) => {
    sent.push(String(init?.body))
    return answers[Math.min(sent.length, answers.length) - 1]?.() ?? Response.error()
  })
  const stop = new AbortController()
  const wait = async (delayMs: number) => void waits.push(delayMs)
  const ask = createClient({ url, key: 'k', retryDelaysMs, wait, signal: stop.signal })
  return { ask, sent, waits, stop }
}

const rateLimited = (retryAfter: string) => () =>
  Response.json(
    { errors: [{ message: 'Later.', extensions: { code: 'RATE_LIMITED' } }] },
    { status: 429, headers: { 'retry-after': retryAfter } },
  )
const failing = () => new Response('the proxy is restarting', { status: 503 })
const good = () => Response.json({ data: { there: true } })

test('a client waits as long as it is told, and that uses up no attempt', async () => {
  const { ask, sent, waits } = await script([rateLimited('42'), rateLimited('17'), failing, good], [5])
  expect(await ask('{ there }')).toEqual({ data: { there: true } })
  expect(waits).toEqual([42_000, 17_000, 5])
  expect(new Set(sent).size).toBe(1)
})

test('a server may name the time at which to come back', async () => {
  const at = new Date(Date.now() + 60_000).toUTCString()
  const { ask, waits } = await script([rateLimited(at), good], [])
  await ask('{ there }')
  expect(waits[0]).toBeGreaterThan(45_000)
  expect(waits[0]).toBeLessThanOrEqual(60_000)
})

test('what fails every time is given up after as many attempts as there are delays', async () => {
  const { ask, sent, waits } = await script([failing], [5, 6])
  await expect(ask('{ there }')).rejects.toThrow(Unreachable)
  expect(waits).toEqual([5, 6])
  expect(sent).toHaveLength(3)
})

test.each([408, 429, 500, 502, 503, 504])('%i is tried again', async (status) => {
  const { ask, sent } = await script([() => new Response('', { status }), good], [5])
  expect(await ask('{ there }')).toEqual({ data: { there: true } })
  expect(sent).toHaveLength(2)
})

test.each([400, 401, 403, 404, 413, 422])('%i is not tried again', async (status) => {
  const { ask, sent } = await script([() => Response.json({ errors: [{ message: 'No.' }] }, { status }), good], [5])
  expect(await ask('{ there }')).toEqual({ errors: [{ message: 'No.' }] })
  expect(sent).toHaveLength(1)
})

test('a client that is stopped tries no more', async () => {
  const { ask, sent, stop } = await script([rateLimited('42')], [5])
  stop.abort()
  expect(await ask('{ there }')).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] })
  expect(sent).toHaveLength(1)
})

test('a request that is too large for a proxy is an answer, and not tried again', async () => {
  const { ask, waits } = await script([() => new Response('too large', { status: 413 })], [5])
  expect(await ask('{ there }')).toMatchObject({ errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] })
  expect(waits).toEqual([])
})

test('conversations whose answer was lost are sent again and stored once', async () => {
  const tenant = await server.newTenant()
  const bodies: string[] = []
  const flaky = await listen(async (path, init) => {
    if (!isLogging(init)) return server.fetch(path, init)
    bodies.push(String(init?.body))
    if (bodies.length === 2) return failing()
    const answer = await server.fetch(path, init)
    if (bodies.length === 1) throw new Error('the connection breaks')
    return answer
  })
  const file = makeFile('two.jsonl', `${line('one')}\n${line('two')}`)
  const { code, stdout } = await runImport([file, '--url', flaky, ...RANGE], { PARLEY_KEY: tenant.key })
  expect(stdout).toContain('Conversations already there: 2\nConversations refused: 0\n')
  expect(code).toBe(0)
  expect(bodies).toHaveLength(3)
  expect(new Set(bodies).size).toBe(1)
  expect(await readConversations(tenant.ask)).toMatchObject([{ externalId: 'one' }, { externalId: 'two' }])
})

test('an import waits where the server says so, and stops at once when it is told to while it waits', async () => {
  const tenant = await server.newTenant()
  const busy = await listen(async (path, init) => (isLogging(init) ? rateLimited('3000')() : server.fetch(path, init)))
  const file = makeFile('busy.jsonl', line('only'))
  const run = startImport([file, '--url', busy, ...RANGE], { PARLEY_KEY: tenant.key })
  await run.said('trying again in 50 min 0 s')
  run.signal('SIGTERM')
  const { code, stdout, stderr } = await run.ended
  expect(stderr).toContain('Later.; trying again in 50 min 0 s\n')
  expect(stdout).toContain('Stopped before the end: interrupted\n')
  expect(stdout).toContain('--from-line 1 at its end')
  expect(code).toBe(1)
})
