import { expect, test } from 'vitest'
import { logged, said, write } from '../conversations/writes.ts'
import { startTestServer } from '../support/server.ts'

/** What was stored before an input was refused is still read, counted and changed. */

const server = await startTestServer()

test('language tags are stored as they were given; blank is not given', async () => {
  const { ask } = await server.newTenant()
  for (const language of ['EN', 'en-us', 'zh-Hant-TW', 'x'.repeat(8), 'de-1996', 'en-u-ca-buddhist']) {
    const { id } = await logged(ask, { language })
    const { data } = await ask('query ($id: ID!) { conversation(by: { id: $id }) { language } }', { id })
    expect(data.conversation).toEqual({ language })
  }
  const { id } = await logged(ask, { language: ' ', messages: [said('a')] })
  const { data } = await ask('query ($id: ID!) { conversation(by: { id: $id }) { language } }', { id })
  expect(data.conversation).toEqual({ language: null })
})

test('blank labels and tags, and languages that are no tags', async () => {
  const { ask, id: tenantId } = await server.newTenant()
  const input = { language: 'en', labels: ['a'], analysis: { status: 'COMPLETED', tags: ['a'] } }
  const { id } = await logged(ask, { ...input, status: 'ACTIVE', messages: [said('a')] })
  await write(ask, 'createAgent', { name: 'a', tags: ['a'] }, 'agent { id }')
  for (const statement of [
    `UPDATE conversations SET labels = '{"", " "}', language = 'not a tag', given_language = 'not a tag', analysis = jsonb_set(analysis, '{tags}', '["", "${'t'.repeat(300)}"]')`,
    `UPDATE messages SET language = 'not a tag'`,
    `UPDATE agents SET tags = '{"", " "}'`,
  ])
    await server.owner(`${statement} WHERE tenant_id = '${tenantId}'`)

  const CONVERSATION = `labels language analysis { tags } messages(last: 1) { nodes { ... on ChatMessage { language } } }`
  const before = {
    ...{ labels: ['', ' '], language: 'not a tag', analysis: { tags: ['', 't'.repeat(300)] } },
    messages: { nodes: [{ language: 'not a tag' }] },
  }
  const { data, errors } = await ask(
    `query ($id: ID!) {
      conversation(by: { id: $id }) { ${CONVERSATION} }
      conversations(filter: { labels: [""], languages: ["not a tag"] }) { totalCount }
      agents { nodes { tags } }
      conversationFacets(fields: [LABEL]) { topValues { key } }
    }`,
    { id },
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    conversation: before,
    conversations: { totalCount: 1 },
    agents: { nodes: [{ tags: ['', ' '] }] },
    conversationFacets: [{ topValues: [{ key: '' }, { key: ' ' }] }],
  })
  const renamed = await write(ask, 'updateConversation', { by: { id }, title: 't' }, `conversation { ${CONVERSATION} }`)
  expect(renamed.data.updateConversation.conversation).toEqual(before)
  const grown = await write(
    ask,
    'appendMessages',
    { by: { id }, messages: [said('b')] },
    'conversation { labels language }',
  )
  expect(grown.data.appendMessages.conversation).toEqual({ labels: ['', ' '], language: 'not a tag' })
})
