import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { listen } from '../../support/listen.ts'
import { startTestServer } from '../../support/server.ts'
import { line, RANGE, readConversations, runImport, SAMPLE, useImports } from './import-command.ts'

const server = await startTestServer()
const url = await listen(server.fetch)
const makeFile = useImports()
const dataFile = (name: string) => join(import.meta.dirname, '../../data/import', name)

/** Imports a file twice, and answers what the first run says and what is stored. The second must change nothing. */
async function importTwice(file: string, args: string[] = []) {
  const tenant = await server.newTenant()
  const run = () => runImport([file, '--url', url, ...args], { PARLEY_KEY: tenant.key })
  const first = await run()
  const stored = await readConversations(tenant.ask)
  expect((await run()).stdout).toContain(`Conversations logged: 0\nConversations already there: ${stored.length}\n`)
  expect(await readConversations(tenant.ask)).toEqual(stored)
  return { ...first, stored }
}

const at = (minute: number, second: number) => new Date(Date.UTC(2026, 0, 5, 9, minute, second)).toISOString()

test('ndjson: inputs of this API, also in the words of its client', async () => {
  const { code, stdout, stderr, stored } = await importTwice(dataFile('input.ndjson'))
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'format: ndjson\n' })
  expect(stdout).toBe(`Conversations logged: 3
Conversations already there: 0
Conversations refused: 0
Messages logged: 7, of them tool calls: 1
Left out or changed: 1
  "exportedOn" beside the conversation (1)
    chat-1
Malformed lines, skipped: 2
  line 4: conversation: the role "poet" is unknown; use USER, ASSISTANT, SYSTEM or HUMAN_AGENT
  line 5: messages[0]: is neither a chat message with a role nor a tool call nor an event
`)
  expect(stored).toMatchObject([
    {
      externalId: 'chat-1',
      status: 'COMPLETED',
      startedAt: '2026-01-05T09:00:00.000Z',
      endedAt: '2026-01-05T09:00:02.000Z',
      messages: {
        nodes: [
          { role: 'USER', content: 'Do you open on Sunday?' },
          { name: 'opening_hours', input: { day: 'sunday' }, output: { from: 10 } },
          { role: 'ASSISTANT', content: 'From ten.' },
        ],
      },
    },
    {
      externalId: 'chat-2',
      messages: {
        nodes: [
          { role: 'USER', content: 'Hello' },
          { role: 'ASSISTANT', content: 'Hi' },
        ],
      },
    },
    {
      externalId: expect.stringMatching(/^import-[0-9a-f]{32}-3$/),
      messages: { nodes: [{ content: 'Is it open?' }, { content: 'It is.' }] },
    },
  ])
})

test('openai: data for fine-tuning, requests and answers of batches', async () => {
  const { code, stdout, stderr, stored } = await importTwice(dataFile('openai.jsonl'))
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'format: openai\n' })
  const [image, , request] = stored.toSorted((a: { startedAt: string }, b: { startedAt: string }) =>
    b.startedAt.localeCompare(a.startedAt),
  )
  expect([image, request]).toHaveLength(2)
  expect(stdout).toMatch(/^Conversations logged: 4\n/)
  expect(stdout).toContain(`Messages logged: 8, of them tool calls: 1\n`)
  for (const loss of ['"tools"', '"weight"', 'inline image', 'alternative answer', '"usage"'])
    expect(stdout).toContain(`\n  ${loss} (1)\n    `)
  expect(stdout).toContain('Left out or changed: 5\n')
  expect(stdout).toContain('Malformed lines, skipped: 1\n  line 5: has no messages\n')
  // Those without a time of their own are of now, in any order.
  const found = (id: string | RegExp) =>
    stored.find(({ externalId }: { externalId: string }) => externalId.match(id))?.messages.nodes
  expect(found(/^import-[0-9a-f]{32}-1$/)).toMatchObject([
    { role: 'SYSTEM', content: 'Be short.' },
    { role: 'USER', content: 'What is this?\n[image: image/png, 8 B]' },
    { role: 'ASSISTANT', content: 'A mug.' },
  ])
  expect(found(/^import-[0-9a-f]{32}-2$/)).toMatchObject([
    { content: 'Find a mug' },
    { name: 'find', input: { what: 'mug' }, output: { hits: 1 } },
    { content: 'There is one.' },
  ])
  expect(found(/^import-[0-9a-f]{32}-3$/)).toMatchObject([{ content: 'Hello' }])
  expect(found('chatcmpl-1')).toMatchObject([{ content: 'Hi', timestamp: at(0, 0) }])
})

test('openai: conversations without times are spread over a range', async () => {
  const { stored } = await importTwice(dataFile('openai.jsonl'), ['--from', '2025-03-01', '--to', '2025-03-06'])
  expect(stored.map(({ startedAt }: { startedAt: string }) => startedAt.slice(0, 10))).toEqual([
    '2025-03-01',
    '2025-03-02',
    '2025-03-03',
    '2026-01-05',
  ])
})

test('chatgpt: of each tree the path that was shown last; the other branches are counted and named', async () => {
  const { code, stdout, stderr, stored } = await importTwice(dataFile('conversations.json'))
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'format: chatgpt\n' })
  expect(stdout).toBe(`Conversations logged: 2
Conversations already there: 0
Conversations refused: 0
Messages logged: 6, of them tool calls: 1
Left out or changed: 6
  other branch (2)
    conv-1 (2)
  reasoning (1)
    conv-1
  uploaded image (1)
    conv-2
  uploaded file (1)
    conv-2
  uploaded audio (1)
    conv-2
Malformed conversations, skipped: 1
  conversation 3: has no messages
`)
  expect(stored).toMatchObject([
    {
      externalId: 'conv-1',
      startedAt: at(0, 0),
      endedAt: at(0, 15),
      messages: {
        nodes: [
          { role: 'SYSTEM', content: 'I am Ada.\nBe short.' },
          { role: 'USER', content: 'What is 2 + 2?', timestamp: '2026-01-05T09:00:10.500Z' },
          { name: 'python', input: 'print(2 + 2)', output: '4', timestamp: at(0, 12) },
          { role: 'ASSISTANT', content: 'It is 4.', timestamp: at(0, 15) },
        ],
      },
    },
    {
      externalId: 'conv-2',
      metadata: { gizmo_id: 'g-abc' },
      messages: {
        nodes: [
          {
            role: 'USER',
            content: '[image: sediment://file_1]\nWhat is this?\n[file: bill.pdf, application/pdf, file_2]',
          },
          { role: 'ASSISTANT', content: 'A mug.\n[audio: sediment://file_3]' },
        ],
      },
    },
  ])
})

test('any format may be a list, or gzip, and an import of a list goes on at a conversation', async () => {
  const tenant = await server.newTenant()
  const list = makeFile('list.json', gzipSync(`\n [${line('one')},\n${line('two', ']"}')} , ${line('three')}]\n`))
  const env = { PARLEY_KEY: tenant.key }
  const { code, stdout } = await runImport([list, '--url', url, ...RANGE, '--from-conversation', '2'], env)
  expect(stdout).toContain('Conversations logged: 2\n')
  expect(code).toBe(0)
  expect((await readConversations(tenant.ask)).map(({ externalId }: { externalId: string }) => externalId)).toEqual([
    'two',
    'three',
  ])
})

test('an import of a list that ends early says at which conversation to go on', async () => {
  const reader = await server.newTenant({ scopes: ['CONVERSATIONS_READ'] })
  const { code, stdout } = await runImport([dataFile('conversations.json'), '--url', url], { PARLEY_KEY: reader.key })
  expect(stdout).toContain('Stopped before the end: the server refuses the call: FORBIDDEN: ')
  expect(stdout).toContain('To continue, run the same command with --from-conversation 1 at its end.')
  expect(code).toBe(1)
})

test('a format that is given is not detected, and one that is unknown is said', async () => {
  const env = { PARLEY_KEY: (await server.newTenant()).key }
  const given = await runImport([SAMPLE, '--url', url, '--format', 'openai'], env)
  expect(given).toMatchObject({ code: 1, stderr: '' })
  expect(given.stdout).toContain('Malformed lines, skipped: 20\n  line 1: has no messages\n')
  const unknown: [text: string, why: string][] = [
    ['\n{"a":1}\nnot JSON\n', 'line 2 holds no conversation of a known format'],
    ['{\n  "messages": []\n}', 'line 1 is not JSON'],
    ['[{"messages":[]} {"messages":[]}]', 'conversation 1 is not JSON'],
    ['\n', 'it is empty'],
  ]
  for (const [text, why] of unknown) {
    const file = makeFile('unknown.jsonl', text)
    expect(await runImport([file, '--url', url], env)).toEqual({
      code: 1,
      stdout: '',
      stderr: `The format of ${file} is unknown: ${why}. Name it with --format: taskmaster, chatgpt, ndjson, openai.\n`,
    })
  }
})

test('options that are not for the file are refused before anything is sent', async () => {
  const problem = async (file: string, ...args: string[]) => {
    const { code, stderr } = await runImport([file, ...args], { PARLEY_KEY: 'parley_x' })
    expect(code).toBe(2)
    return stderr.split('\n\n')[0]?.split('\n').at(-1)
  }
  expect(await problem(SAMPLE)).toBe('--from: is missing: conversations of the format taskmaster have no times')
  expect(await problem(dataFile('input.ndjson'), ...RANGE)).toBe(
    '--from: is not for the format ndjson, whose conversations have times',
  )
  expect(await problem(dataFile('conversations.json'), '--from-line', '2')).toBe(
    '--from-line: is not for this file, which is read by conversation: use --from-conversation',
  )
  expect(await problem(SAMPLE, '--format', 'csv')).toBe('--format: must be one of taskmaster, chatgpt, ndjson, openai')
})

test('a list that is cut off is noticed before anything is logged', async () => {
  const tenant = await server.newTenant()
  const whole = readFileSync(dataFile('conversations.json'))
  const file = makeFile('cut.json', whole.subarray(0, whole.length - 20))
  const { code, stderr } = await runImport([file, '--url', url], { PARLEY_KEY: tenant.key })
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `format: chatgpt\n${file} can't be read: it ends within the list\n`,
  })
  expect(await readConversations(tenant.ask)).toEqual([])
})
