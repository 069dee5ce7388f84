import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { listen } from '../../support/listen.ts'
import { startTestServer } from '../../support/server.ts'
import { line, RANGE, readConversations, runImport, SAMPLE, SAMPLE_LINES, useImports } from './import-command.ts'

const server = await startTestServer()
const url = await listen(server.fetch)
const makeFile = useImports()

const summary = (counts: Record<'logged' | 'existing' | 'messages' | 'toolCalls', number>) =>
  `Conversations logged: ${counts.logged}
Conversations already there: ${counts.existing}
Conversations refused: 0
Messages logged: ${counts.messages}, of them tool calls: ${counts.toolCalls}
Left out or changed: 15
  tool call without a request or a response (2)
    dlg-63aa3e08-2780-4eba-ac20-d78004b3924f
    dlg-4c708869-81b3-41d8-9189-167c6deef037
  malformed JSON, kept as text (13)
    dlg-cb5dd5a7-601f-41a5-87a6-ff0237551a26 (3)
    dlg-91fc8986-4597-4c76-b32f-282f0ae333ef (4)
    dlg-391f16a8-31f5-4da5-ba82-d122d9216420
    dlg-a8585495-d28f-48e5-82aa-c8d274e6ab4a (5)
Malformed lines, skipped: 0
`

test('a file that is imported twice is stored once, and the second run changes nothing', async () => {
  const tenant = await server.newTenant()
  const args = [SAMPLE, '--url', url, '--tenant', tenant.id, ...RANGE]
  const env = { PARLEY_KEY: server.adminKey }
  expect(await runImport(args, env)).toEqual({
    code: 0,
    stdout: summary({ logged: 20, existing: 0, messages: 172, toolCalls: 87 }),
    stderr: 'format: taskmaster\n',
  })
  const stored = await readConversations(tenant.ask)
  const dialogues = SAMPLE_LINES.map((text) => JSON.parse(text))
  expect(
    stored.map(({ externalId, status, metadata }: Record<string, unknown>) => [externalId, status, metadata]),
  ).toEqual(
    dialogues.map(({ conversation_id, vertical, scenario }) => [conversation_id, 'COMPLETED', { vertical, scenario }]),
  )

  expect(await runImport(args, env)).toEqual({
    code: 0,
    stdout: summary({ logged: 0, existing: 20, messages: 0, toolCalls: 0 }),
    stderr: 'format: taskmaster\n',
  })
  expect(await readConversations(tenant.ask)).toEqual(stored)
})

test('tool calls stand between what the user said and what the assistant answered, malformed texts as they were', async () => {
  const tenant = await server.newTenant()
  await runImport([SAMPLE, '--url', url, ...RANGE], { PARLEY_KEY: tenant.key })
  const stored = await readConversations(tenant.ask)
  const messagesOf = (externalId: string) =>
    stored
      .find((conversation: { externalId: string }) => conversation.externalId === externalId)
      .messages.nodes.map(({ timestamp, ...message }: { timestamp: string }) => message)

  expect(messagesOf('dlg-63aa3e08-2780-4eba-ac20-d78004b3924f')).toEqual([
    { role: 'USER', content: "I'd like a mocha please" },
    {
      name: 'get_menu_items',
      input: { query: 'Mocha' },
      output: { menu_items: [{ menu_item_id: 'macchiato-4328', name: 'Macchiato' }] },
      error: null,
    },
    { role: 'ASSISTANT', content: 'sorry, no mochas here, did you mean macchiato?' },
    { role: 'USER', content: 'no. what kind of tea do you have?' },
    { name: 'show_menu', input: null, output: { success: true }, error: null },
    {
      role: 'ASSISTANT',
      content:
        'we have a variety of tea options including black, herbal, and oolong. check out the menu for the full list.',
    },
  ])
  expect(messagesOf('dlg-cb5dd5a7-601f-41a5-87a6-ff0237551a26').slice(1, 3)).toEqual([
    {
      name: 'get_menu_items',
      input: { query: 'Hot Chocolate' },
      output: '{"menu_items":[{"menu_item_id":""hot-chocolate-8586"","name":"Hot Chocolate"}]}',
      error: null,
    },
    {
      name: 'add_order_item',
      input: '{"menu_item_id": ""hot-chocolate-8586"","quantity": "1"}',
      output: { order_id: '38566', order_item_id: '52963' },
      error: null,
    },
  ])
})

test('conversations start evenly over the range, their messages some seconds apart', async () => {
  const tenant = await server.newTenant()
  await runImport([SAMPLE, '--url', url, ...RANGE], { PARLEY_KEY: tenant.key })
  const stored = await readConversations(tenant.ask)
  const day = (index: number) => new Date(Date.UTC(2025, 2, 1 + index)).toISOString()
  expect(stored.map(({ startedAt }: { startedAt: string }) => startedAt)).toEqual(
    Array.from({ length: 20 }, (_, index) => day(index)),
  )
  const [first] = stored
  expect(first.messages.nodes.slice(0, 3).map(({ timestamp }: { timestamp: string }) => timestamp)).toEqual([
    '2025-03-01T00:00:00.000Z',
    '2025-03-01T00:00:05.000Z',
    '2025-03-01T00:00:10.000Z',
  ])
})

test('no message is later than the end of the range, however short it is', async () => {
  const tenant = await server.newTenant()
  const range = ['--from', '2025-03-01T12:00', '--to', '2025-03-01T13:00:10+01:00']
  expect((await runImport([SAMPLE, '--url', url, ...range], { PARLEY_KEY: tenant.key })).code).toBe(0)
  const stored = await readConversations(tenant.ask)
  const times = stored.flatMap(({ messages }: { messages: { nodes: { timestamp: string }[] } }) =>
    messages.nodes.map(({ timestamp }) => timestamp),
  )
  expect(times).toHaveLength(172)
  expect(times.toSorted()[0]).toBe('2025-03-01T12:00:00.000Z')
  expect(times.toSorted().at(-1) < '2025-03-01T12:00:10.000Z').toBe(true)
})

test('lines that hold no conversation are skipped and named; gzip is told by its bytes', async () => {
  const tenant = await server.newTenant()
  const lines = [
    line('first'),
    '',
    'not JSON',
    '{"utterances":[]}',
    line('last', 'with a line separator: \u2028'),
    '{"conversation_id":"cut off","utter',
  ]
  const file = makeFile('named-otherwise.jsonl', gzipSync(lines.join('\n')))
  expect(await runImport([file, '--url', url, ...RANGE], { PARLEY_KEY: tenant.key })).toEqual({
    code: 1,
    stdout: `Conversations logged: 2
Conversations already there: 0
Conversations refused: 0
Messages logged: 2, of them tool calls: 0
Left out or changed: 0
Malformed lines, skipped: 3
  line 3: is not JSON
  line 4: conversation_id: Invalid key: Expected "conversation_id" but received undefined
  line 6: is not JSON
`,
    stderr: 'format: taskmaster\n',
  })
})

test('a file that is damaged is noticed before anything is logged', async () => {
  const tenant = await server.newTenant()
  const whole = gzipSync(readFileSync(SAMPLE))
  const file = makeFile('damaged.jsonl.gz', whole.subarray(0, whole.length / 2))
  const result = await runImport([file, '--url', url, ...RANGE], { PARLEY_KEY: tenant.key })
  expect(result).toEqual({
    code: 1,
    stdout: '',
    stderr: `format: taskmaster\n${file} can't be read: unexpected end of file\n`,
  })
  expect(await readConversations(tenant.ask)).toEqual([])
})
