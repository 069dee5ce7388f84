import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { logged, read, refusals, write } from './writes.ts'

const server = await startTestServer()

const URL = 'https://files.example/a.png?x=1'
const withAttachments = (attachments: unknown) => ({ chat: { role: 'USER', content: '', attachments } })
const ATTACHMENTS = 'messages { nodes { ... on ChatMessage { authorName attachments { url name mediaType } } } }'

test('attachments and the name of the author are stored with a message', async () => {
  const { ask } = await server.newTenant()
  const { id } = await logged(ask, {
    messages: [
      {
        chat: {
          role: 'USER',
          content: 'See',
          authorName: 'Ann',
          attachments: [{ url: URL, name: 'a', mediaType: 'image/png' }, { url: URL }],
        },
      },
      { chat: { role: 'USER', content: 'b', authorName: ' ', attachments: [] } },
    ],
  })
  expect(await read(ask, id, ATTACHMENTS)).toEqual({
    messages: {
      nodes: [
        {
          authorName: 'Ann',
          attachments: [
            { url: URL, name: 'a', mediaType: 'image/png' },
            { url: URL, name: null, mediaType: null },
          ],
        },
        { authorName: null, attachments: [] },
      ],
    },
  })
})

test('attachments are redacted like text', async () => {
  const { ask, id: tenantId } = await server.newTenant()
  await server.admin('mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { id } } }', {
    input: { id: tenantId, redactsPersonalData: true },
  })
  const { id } = await logged(ask, {
    messages: [withAttachments([{ url: 'https://files.example/?to=ann@corp.example', name: 'from ann@corp.example' }])],
  })
  const { messages } = await read(ask, id, ATTACHMENTS)
  expect(messages.nodes[0].attachments).toEqual([
    { url: 'https://files.example/?to=email@example.com', name: 'from email@example.com', mediaType: null },
  ])
})

test.each([
  [[{ url: 'http://files.example/a' }], 'BAD_USER_INPUT input.messages[0].chat.attachments[0].url'],
  [[{ url: 'javascript:alert(1)' }], 'BAD_USER_INPUT input.messages[0].chat.attachments[0].url'],
  [[{ url: URL }, { url: 'a.png' }], 'BAD_USER_INPUT input.messages[0].chat.attachments[1].url'],
  [[{ url: `https://a/${'x'.repeat(10_000)}` }], 'LIMIT_EXCEEDED input.messages[0].chat.attachments[0].url'],
  [[{ url: URL, name: 'x'.repeat(257) }], 'LIMIT_EXCEEDED input.messages[0].chat.attachments[0].name'],
  [[{ url: URL, mediaType: 'x'.repeat(257) }], 'LIMIT_EXCEEDED input.messages[0].chat.attachments[0].mediaType'],
  [Array(21).fill({ url: URL }), 'LIMIT_EXCEEDED input.messages[0].chat.attachments'],
])('attachments %# are refused', async (attachments, refusal) => {
  const { ask } = await server.newTenant()
  expect(refusals(await write(ask, 'logConversation', { messages: [withAttachments(attachments)] }))).toEqual([refusal])
})

test('the cost of tool calls is part of that of the conversation', async () => {
  const { ask } = await server.newTenant()
  const { id } = await logged(ask, {
    messages: [
      { tool: { name: 'search', costUsd: 0.1 } },
      { chat: { role: 'ASSISTANT', content: 'a', costUsd: 0.2 } },
      { tool: { name: 'search' } },
    ],
  })
  expect(await read(ask, id, 'costUsd messages { nodes { ... on ToolCall { costUsd } } }')).toEqual({
    costUsd: 0.3,
    messages: { nodes: [{ costUsd: 0.1 }, {}, { costUsd: null }] },
  })
})
