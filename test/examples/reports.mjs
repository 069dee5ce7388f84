// Cases from public bug reports of products like this one, each with its exact input and the right value; all fail at 6ba05ad.
// Run: URL=http://127.0.0.1:4000/graphql KEY=<ADMIN key> node reports.mjs. Each makes a tenant of its own.
const { URL: url = 'http://127.0.0.1:4000/graphql', KEY } = process.env
const run = Date.now().toString(36)
let n = 0
async function raw(tenant, body) {
  const r = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${KEY}`,
      ...(tenant ? { 'x-tenant-id': tenant } : {}),
    },
    body,
  })
  return r.json()
}
const ask = (tenant, query, variables) => raw(tenant, JSON.stringify({ query, variables }))
async function newTenant(more = {}) {
  const id = `bugs-${run}-${++n}`
  await ask(null, 'mutation($i:CreateTenantInput!){createTenant(input:$i){tenant{id}}}', {
    i: { id, name: id, timeZone: 'UTC', ...more },
  })
  const f = (q, v) => ask(id, q, v)
  f.log = (input, sel = 'created') =>
    f(`mutation($input:LogConversationInput!){logConversation(input:$input){${sel}}}`, { input })
  f.many = (inputs) =>
    f(
      'mutation($inputs:[LogConversationInput!]!){logConversations(input:{conversations:$inputs}){results{index created error{code inputPath} conversation{id}}}}',
      { inputs },
    )
  f.append = (input) => f('mutation($input:AppendMessagesInput!){appendMessages(input:$input){created}}', { input })
  f.found = async (search) =>
    (
      await f('query($s:String){conversations(first:100,filter:{search:$s}){nodes{externalId}}}', { s: search })
    ).data.conversations.nodes
      .map((x) => x.externalId)
      .sort()
  return f
}
const u = (content, more = {}) => ({ chat: { role: 'USER', content, ...more } })
const a = (content, more = {}) => ({ chat: { role: 'ASSISTANT', content, ...more } })
const prev = async (t, interval, from, to) => {
  const r = await t(
    'query($i:SeriesInterval!,$r:TimeRange){conversationSeries(measures:[CONVERSATIONS],interval:$i,timeZone:"UTC",range:$r,compareTo:PREVIOUS_PERIOD){lines{previousTotal}}}',
    { i: interval, r: { from, to } },
  )
  return r.data.conversationSeries.lines[0].previousTotal
}
const redacted = async (t, text) =>
  (await t.log({ messages: [u(text)] }, 'conversation{messages{nodes{...on ChatMessage{content}}}}')).data
    .logConversation.conversation.messages.nodes[0].content
const toolIn = async (t, input) =>
  (await t.log({ messages: [{ tool: { name: 't', input } }] }, 'conversation{messages{nodes{...on ToolCall{input}}}}'))
    .data.logConversation.conversation.messages.nodes[0].input
const spoken = async (t, transcript) => {
  const r = await t.log({ transcript }, 'conversation{messages{nodes{...on ChatMessage{role content}}}}')
  return r.errors
    ? r.errors[0].extensions.code
    : r.data.logConversation.conversation.messages.nodes.map((m) => [m.role, m.content])
}
const same = (x, y) => JSON.stringify(x) === JSON.stringify(y)

export const CASES = [
  // 1. two buckets, a range that ends at a fraction of a second
  {
    id: 'two-buckets-day',
    async go() {
      const t = await newTenant()
      await t.log({ endUserId: 'x', channel: 'CHAT', startedAt: '2026-01-06T00:00:00Z', messages: [u('x')] })
      const r = await t(
        '{conversationSeries(measures:[CONVERSATIONS,END_USERS],interval:DAY,timeZone:"UTC",filter:{channels:[CHAT]},range:{from:"2026-01-05T18:00:00Z",to:"2026-01-06T13:00:00.001Z"}){lines{points{value}}}}',
      )
      return [
        r.data.conversationSeries.lines.map((l) => l.points.map((p) => p.value)),
        [
          [0, 1],
          [0, 1],
        ],
      ]
    },
  },
  // 2. PREVIOUS_PERIOD at the end of months
  {
    id: 'previous-month-to-date',
    async go() {
      const t = await newTenant()
      await t.many(['2025-04-30T12:00:00Z', '2025-04-29T12:00:00Z'].map((x) => ({ startedAt: x, messages: [u('x')] })))
      return [await prev(t, 'MONTH', '2025-05-01T00:00:00Z', '2025-05-31T00:00:00Z'), 2]
    },
  },
  // 3. groups of the period before
  {
    id: 'previous-totals-of-groups-make-up-the-whole',
    async go() {
      const t = await newTenant()
      const mk = (c, d) => ({ campaign: c, startedAt: d, messages: [u('x')] })
      await t.many([
        mk('A', '2026-01-06T01:00:00Z'),
        mk('B', '2026-01-06T02:00:00Z'),
        mk('A', '2026-01-05T01:00:00Z'),
        mk('C', '2026-01-05T02:00:00Z'),
        mk('C', '2026-01-05T03:00:00Z'),
        mk('D', '2026-01-05T04:00:00Z'),
      ])
      const r = await t(
        '{conversationSeries(measures:[CONVERSATIONS],timeZone:"UTC",compareTo:PREVIOUS_PERIOD,groupBy:{dimension:CAMPAIGN,first:5},range:{from:"2026-01-06T00:00:00Z",to:"2026-01-07T00:00:00Z"}){lines{previousTotal}}}',
      )
      return [r.data.conversationSeries.lines.reduce((s, l) => s + l.previousTotal, 0), 4]
    },
  },
  // 4. out-of-order and backfilled messages
  {
    id: 'start-follows-earlier-message',
    async go() {
      const t = await newTenant()
      await t.append({
        by: { externalId: 'w' },
        createIfMissing: true,
        messages: [a('reply', { timestamp: '2026-01-06T00:00:05Z' })],
      })
      await t.append({ by: { externalId: 'w' }, messages: [u('question', { timestamp: '2026-01-05T23:59:50Z' })] })
      return [
        (await t('{conversation(by:{externalId:"w"}){startedAt}}')).data.conversation.startedAt,
        '2026-01-05T23:59:50.000Z',
      ]
    },
  },
  {
    id: 'speech-ends-when-it-was-said',
    async go() {
      const t = await newTenant()
      const r = await t.log(
        {
          channel: 'VOICE',
          messages: [
            a('Hi', { timestamp: '2026-01-05T10:00:00Z' }),
            a('Bye', { timestamp: '2026-01-05T10:00:05Z', endedAt: '2026-01-05T10:00:09Z' }),
          ],
        },
        'conversation{durationMs}',
      )
      return [r.data.logConversation.conversation.durationMs, 9000]
    },
  },
  // 5. bulk: one that does not fit the schema
  ...[
    ['role', { messages: [{ chat: { role: 'TOOL', content: 'x' } }] }],
    ['content-null', { messages: [{ chat: { role: 'ASSISTANT', content: null } }] }],
  ].map(([k, bad]) => ({
    id: `bulk-keeps-the-others-${k}`,
    async go() {
      const t = await newTenant()
      const r = await t.many([
        { externalId: '1', messages: [u('a')] },
        { externalId: '2', ...bad },
        { externalId: '3', messages: [u('b')] },
      ])
      return [
        r.data?.logConversations?.results.map((x) => x.error?.code ?? 'ok') ?? r.errors[0].extensions,
        ['ok', 'BAD_USER_INPUT', 'ok'],
      ]
    },
  })),
  {
    id: 'bulk-replay-of-a-deleted-one',
    async go() {
      const t = await newTenant()
      const i = { externalId: 'r', idempotencyKey: 'r', messages: [u('a')] }
      await t.log(i)
      await t('mutation{deleteConversation(input:{by:{externalId:"r"}}){deletedId}}')
      const [x] = (await t.many([i])).data.logConversations.results
      return [x.conversation !== null || x.error !== null, true]
    },
  },
  // 6. redaction
  ...[
    ['zh', '请发到ada@example.com请尽快回复', '请发到email@example.com请尽快回复'],
    ['ja', 'メールはada@example.orgです。', 'メールはemail@example.comです。'],
    ['th', 'อีเมลของฉันคือada@example.comค่ะ', 'อีเมลของฉันคือemail@example.comค่ะ'],
    ['full-stop', 'Write ada@example.org.Thanks', 'Write email@example.com.Thanks'],
  ].map(([k, text, want]) => ({
    id: `redaction-leaves-the-sentence-${k}`,
    async go() {
      return [await redacted(await newTenant(), text), want]
    },
  })),
  {
    id: 'redaction-keeps-JSON',
    async go() {
      const t = await newTenant()
      return [
        await toolIn(t, JSON.stringify({ text: 'hi\nada@example.org' })),
        JSON.stringify({ text: 'hi\nemail@example.com' }),
      ]
    },
  },
  {
    id: 'redaction-NI-behind-an-escape',
    async go() {
      const t = await newTenant()
      return [
        await toolIn(t, JSON.stringify({ text: 'NI:\nAB123456C' })),
        JSON.stringify({ text: 'NI:\nQQ 12 34 56 C' }),
      ]
    },
  },
  {
    id: 'redaction-IMEI-stays',
    async go() {
      return [await redacted(await newTenant(), 'imei 356938035643809 ok'), 'imei 356938035643809 ok']
    },
  },
  {
    id: 'redaction-full-width-card',
    async go() {
      return [
        (await redacted(await newTenant(), 'カード ４１１１１１１１１１１１１１１１')).includes('４１１１'),
        false,
      ]
    },
  },
  // 7. search
  ...[
    ['number-behind-hyphen', 'My order-1001 is late', '1001'],
    ['slash', 'I want a refund/exchange please', 'refund'],
    ['japanese', '返品したいです', '返品'],
    ['chinese', '我的订单在哪里', '订单'],
  ].map(([k, text, query]) => ({
    id: `search-${k}`,
    async go() {
      const t = await newTenant()
      await t.log({ externalId: 'x', messages: [u(text)] })
      return [await t.found(query), ['x']]
    },
  })),
  // 8. transcripts
  {
    id: 'transcript-full-width-colon',
    async go() {
      return [
        await spoken(await newTenant(), 'User：你好\nAssistant：您好'),
        [
          ['USER', '你好'],
          ['ASSISTANT', '您好'],
        ],
      ]
    },
  },
  // 9. others
  {
    id: 'empty-end-user-is-none',
    async go() {
      const t = await newTenant()
      await t.many([
        { metadata: { user_id: '' }, startedAt: '2026-01-05T00:00:00Z', messages: [u('x')] },
        { endUserId: '', startedAt: '2026-01-05T00:00:00Z', messages: [u('x')] },
      ])
      return [(await t('{endUsers{totalCount}}')).data.endUsers.totalCount, 0]
    },
  },
  {
    id: 'cost-is-not-rounded',
    async go() {
      const t = await newTenant()
      const r = await t.log(
        { messages: [a('x', { costUsd: 0.000123456789123 })] },
        'conversation{messages{nodes{...on ChatMessage{costUsd}}}}',
      )
      return [
        r.data?.logConversation.conversation.messages.nodes[0].costUsd ?? r.errors[0].extensions.code,
        0.000123456789123,
      ]
    },
  },
]
let failed = 0
for (const c of CASES) {
  let got, want, error
  try {
    ;[got, want] = await c.go()
  } catch (e) {
    error = e.message
  }
  const ok = !error && same(got, want)
  if (!ok) failed++
  console.log(
    ok ? 'ok  ' : 'FAIL',
    c.id,
    ok ? '' : (error ?? `got ${JSON.stringify(got)} want ${JSON.stringify(want)}`),
  )
}
console.log(`${failed} fail`)
process.exitCode = failed > 0 ? 1 : 0
