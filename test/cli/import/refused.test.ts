import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { listen } from '../../support/listen.ts'
import { startTestServer } from '../../support/server.ts'
import {
  isLogging,
  line,
  RANGE,
  readConversations,
  runImport,
  SAMPLE,
  SAMPLE_LINES,
  useImports,
} from './import-command.ts'

const server = await startTestServer()
const url = await listen(server.fetch)
const makeFile = useImports()

/** A server that takes small requests, how large those were that it was sent, and how many at a time. */
const MAX_BODY_BYTES = 8_192
const small = await startTestServer({ maxBodyBytes: MAX_BODY_BYTES })
const bodies: number[] = []
const underWay = { now: 0, most: 0 }
const second = Promise.withResolvers<void>()
const smallUrl = await listen(async (path, init) => {
  if (!isLogging(init)) return small.fetch(path, init)
  bodies.push(Buffer.byteLength(String(init?.body)))
  underWay.now += 1
  underWay.most = Math.max(underWay.most, underWay.now)
  if (underWay.now === 2) second.resolve()
  // However quickly one is answered: the next one is on its way.
  await Promise.race([second.promise, setTimeout(5_000)])
  const answer = await small.fetch(path, init)
  underWay.now -= 1
  return answer
})

/** A dialogue with a tool call whose request is lists inside lists: refused before the call is read. */
const callLine = (id: string, request: string) =>
  JSON.stringify({
    conversation_id: id,
    utterances: [
      {
        speaker: 'user',
        text: 'one latte',
        annotations: [{ name: 'request', value: request, context: 'api_call_0' }],
      },
    ],
  })
const deepLine = (id: string) => callLine(id, '['.repeat(120) + ']'.repeat(120))

test('conversations that are refused are named with line and reason, the others in their call are logged', async () => {
  const tenant = await server.newTenant()
  const file = makeFile(
    'refused.jsonl',
    [line('good'), line('bad', 'half a pair: \ud800'), '', line('worse', '\0'), line('last')].join('\n'),
  )
  const { code, stdout } = await runImport([file, '--url', url, ...RANGE], { PARLEY_KEY: tenant.key })
  expect(code).toBe(1)
  expect(stdout).toContain(`Conversations logged: 2
Conversations already there: 0
Conversations refused: 2
  BAD_USER_INPUT (2)
    line 2, bad: messages[0].chat.content: contains an unpaired surrogate, which is not valid Unicode.
    line 4, worse: messages[0].chat.content: contains the character U+0000, which PostgreSQL can't store.
`)
  expect(await readConversations(tenant.ask)).toMatchObject([{ externalId: 'good' }, { externalId: 'last' }])
})

test('of conversations with the same id, one is stored, and the others are named', async () => {
  const tenant = await server.newTenant()
  const file = makeFile('repeated.jsonl', [line('a', 'One'), line('b', 'Two'), line('a', 'Three')].join('\n'))
  const { code, stdout } = await runImport([file, '--url', url, ...RANGE], { PARLEY_KEY: tenant.key })
  expect(code).toBe(1)
  expect(stdout).toContain(`Conversations logged: 2
Conversations already there: 0
Conversations refused: 0
Ids that repeat, of which one is stored: 1
  line 3, a: the id of line 1
`)
  expect(await readConversations(tenant.ask)).toHaveLength(2)
})

test('a number that would lose digits is refused, not rounded on its way', async () => {
  const tenant = await server.newTenant()
  const file = makeFile(
    'numbers.jsonl',
    [
      callLine('kept', '{"price":4.50,"id":9007199254740991}'),
      callLine('lost', '{"price":[4.5000000000000000001]}'),
    ].join('\n'),
  )
  const { stdout } = await runImport([file, '--url', url, ...RANGE], { PARLEY_KEY: tenant.key })
  expect(stdout).toContain(`Conversations refused: 1
  BAD_USER_INPUT (1)
    line 2, lost: messages[1].tool.input.price[0]: is a number that would lose digits. Send it as a string.
`)
  const [conversation, ...others] = await readConversations(tenant.ask)
  expect(others).toEqual([])
  expect(conversation.messages.nodes[1]).toMatchObject({ input: { price: 4.5, id: 9007199254740991 } })
})

test('a conversation that has its whole call refused is found, and the others are logged', async () => {
  const tenant = await server.newTenant()
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  const file = makeFile('deep.jsonl', names.map((name) => (name === 'c' ? deepLine(name) : line(name))).join('\n'))
  const { code, stdout } = await runImport([file, '--url', url, ...RANGE], { PARLEY_KEY: tenant.key })
  expect(code).toBe(1)
  expect(stdout).toContain('Conversations logged: 6\n')
  expect(stdout).toMatch(/^ {2}LIMIT_EXCEEDED \(1\)\n {4}line 3, c: variables: is nested deeper than 64 levels\.$/m)
  const stored = await readConversations(tenant.ask)
  expect(stored.map(({ externalId }: { externalId: string }) => externalId)).toEqual(names.toSpliced(2, 1))
})

test('a server of small requests is sent small ones, two at a time, and not what is too large for it', async () => {
  const tenant = await small.newTenant()
  const file = makeFile('large.jsonl', [...SAMPLE_LINES, line('large', 'x'.repeat(MAX_BODY_BYTES))].join('\n'))
  const { code, stdout } = await runImport([file, '--url', smallUrl, ...RANGE], { PARLEY_KEY: tenant.key })
  expect(code).toBe(1)
  expect(stdout).toContain('Conversations logged: 20\n')
  expect(stdout).toContain(`Conversations refused: 1
  LIMIT_EXCEEDED (1)
    line 21, large: is larger than the 8192 bytes that the server accepts in a request.
`)
  expect(bodies.length).toBeGreaterThan(5)
  expect(Math.max(...bodies)).toBeLessThan(MAX_BODY_BYTES * 0.75)
  expect(underWay.most).toBe(2)
})

test('a refusal that would meet every conversation ends the run', async () => {
  const reader = await server.newTenant({ scopes: ['CONVERSATIONS_READ'] })
  const { code, stdout } = await runImport([SAMPLE, '--url', url, ...RANGE], { PARLEY_KEY: reader.key })
  expect(code).toBe(1)
  expect(stdout).toContain('Conversations logged: 0\n')
  expect(stdout).toMatch(/^Stopped before the end: the server refuses the call: FORBIDDEN: /m)
  expect(stdout).toContain('To continue, run the same command with --from-line 1 at its end.')
})

test('a key that is not taken is told before anything is sent', async () => {
  const { code, stdout, stderr } = await runImport([SAMPLE, '--url', url, ...RANGE], { PARLEY_KEY: 'parley_x' })
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/^format: taskmaster\nThe server refuses: UNAUTHENTICATED: /)
})
