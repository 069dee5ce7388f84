import { createSession } from './parley-client.js'

/** Asks the product's own back end. */
async function ask(path, init) {
  const response = await fetch(path, init)
  if (!response.ok) throw new Error((await response.json()).error)
  return response.json()
}

let parley = null

const MESSAGE = `__typename sequence timestamp
  ... on ChatMessage { role content } ... on ToolCall { name failed } ... on ConversationEvent { name }`
const LIST = `query ($first: Int, $after: String, $filter: ConversationFilter) {
  conversations(first: $first, after: $after, filter: $filter) {
    nodes { id status startedAt messageCount agents { name } messages(first: 1, types: [CHAT]) { nodes { ... on ChatMessage { content } } } }
    pageInfo { endCursor hasNextPage }
  }
}`
const WEEK = '{ conversationSeries(measures: [CONVERSATIONS]) { timeZone lines { total points { start value } } } }'
const TRANSCRIPT = `query ($id: ID!) { conversation(by: { id: $id }) { status startedAt agents { name } messages(last: 100) { nodes { ${MESSAGE} } } } }`
const CHANGED =
  'subscription ($after: String) { conversationsChanged(after: $after) { resumeToken changes { kind conversationId conversation { status startedAt messageCount } } } }'
const APPENDED = `subscription ($id: ID!, $after: Int) { messagesAppended(conversationId: $id, afterSequence: $after) { lastSequence messages { ${MESSAGE} } } }`

const at = (id) => document.getElementById(id)

/** An element with text in it. The text is always shown, and never run. */
function element(name, className, text) {
  const made = document.createElement(name)
  made.className = className
  made.textContent = text ?? ''
  return made
}

const time = (iso) => new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })

async function showWeek() {
  const { conversationSeries } = await parley.query(WEEK)
  const [{ total, points }] = conversationSeries.lines
  const most = Math.max(1, ...points.map(({ value }) => value))
  at('total').textContent = `${total} conversations in seven days`
  at('week').replaceChildren(
    ...points.map(({ start, value }) => {
      const bar = element('li', 'bar')
      bar.style.setProperty('--height', `${(100 * value) / most}%`)
      const day = new Date(start).toLocaleDateString(undefined, {
        weekday: 'short',
        timeZone: conversationSeries.timeZone,
      })
      bar.append(element('b', '', String(value)), element('span', '', day))
      return bar
    }),
  )
}

const facts = ({ startedAt, messageCount }) => `${time(startedAt)} · ${messageCount} messages`

const PAGE_SIZE = 12
const MAX_PAGE_SIZE = 100

let next = null
let turn = 0

/** Shows the newest conversations, as many as are shown already; or, with `more`, the next page after them. */
async function showList({ more } = {}) {
  turn += 1
  const mine = turn
  const first = more ? PAGE_SIZE : Math.min(MAX_PAGE_SIZE, Math.max(PAGE_SIZE, at('list').children.length))
  const status = at('status').value
  const filter = status ? { statuses: [status] } : {}
  const { conversations } = await parley.query(LIST, { first, after: more ? next : null, filter })
  // Something else was requested in the meantime.
  if (turn !== mine) return
  next = conversations.pageInfo.endCursor
  at('more').hidden = !conversations.pageInfo.hasNextPage
  const items = conversations.nodes.map((conversation) => {
    const item = element('li', '')
    const button = element('button', 'conversation')
    button.dataset.id = conversation.id
    const said = conversation.messages.nodes[0]?.content ?? ''
    button.append(
      element('span', `status ${conversation.status.toLowerCase()}`, conversation.status.toLowerCase()),
      element('span', 'said', said),
      element('span', 'facts', facts(conversation)),
    )
    button.addEventListener('click', () => showTranscript(conversation.id))
    item.append(button)
    return item
  })
  if (more) at('list').append(...items)
  else at('list').replaceChildren(...items)
  mark()
}

function showFacts(id, conversation) {
  const shown = at('list').querySelector(`[data-id="${CSS.escape(id)}"] .facts`)
  if (shown) shown.textContent = facts(conversation)
}

let open = { id: null, last: -1, end: () => {} }

const mark = () => {
  for (const button of at('list').querySelectorAll('button')) button.ariaCurrent = String(button.dataset.id === open.id)
}

async function showTranscript(id) {
  open.end()
  open = { id, last: -1, end: () => {} }
  mark()
  const { conversation } = await parley.query(TRANSCRIPT, { id })
  if (open.id !== id) return
  at('transcript').replaceChildren()
  at('when').textContent = [time(conversation.startedAt), ...conversation.agents.map(({ name }) => name)].join(' · ')
  addMessages(conversation.messages.nodes)
  showState(conversation.status)
  if (conversation.status !== 'ACTIVE') return
  open.end = parley.subscribe(APPENDED, {
    variables: () => ({ id, after: open.last }),
    onData: ({ messagesAppended }) => open.id === id && addMessages(messagesAppended.messages),
    onError: fail,
  })
}

function showState(status) {
  at('state').textContent = status === 'ACTIVE' ? 'live' : status.toLowerCase()
  at('state').className = status.toLowerCase()
}

function addMessages(messages) {
  const list = at('transcript')
  // A reader who has scrolled up, or elsewhere on a small screen, stays there.
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40
  for (const message of messages) {
    if (message.sequence <= open.last) continue
    open.last = message.sequence
    const role = message.role?.toLowerCase() ?? 'tool'
    const item = element('li', `message ${role}`)
    const text = message.content ?? `${message.name}${message.failed ? ' failed' : ''}`
    item.append(element('span', 'role', role.replace('_', ' ')), element('p', '', text))
    list.append(item)
  }
  if (isAtEnd) list.scrollTop = list.scrollHeight
}

const fail = (error) => {
  at('error').textContent = error.message
  at('error').hidden = false
}

at('status').addEventListener('change', () => showList().catch(fail))
at('more').addEventListener('click', () => showList({ more: true }).catch(fail))

let resumeToken = null
try {
  parley = createSession({
    url: await ask('/parley-url'),
    fetchToken: ({ signal }) => ask('/parley-token', { method: 'POST', signal }),
  })
  await Promise.all([showWeek(), showList()])
  const first = at('list').querySelector('button')
  if (first) await showTranscript(first.dataset.id)
  parley.subscribe(CHANGED, {
    variables: () => ({ after: resumeToken }),
    onData({ conversationsChanged: { resumeToken: reached, changes } }) {
      resumeToken = reached
      const shown = changes.find(({ conversationId }) => conversationId === open.id)
      if (shown?.conversation) showState(shown.conversation.status)
      for (const { conversationId, conversation } of changes) if (conversation) showFacts(conversationId, conversation)
      // The transcript gets the messages; the list and the chart change when a conversation begins or ends.
      if (changes.some(({ kind }) => kind !== 'MESSAGES')) Promise.all([showWeek(), showList()]).catch(fail)
    },
    onBreak({ code }) {
      if (code !== 'RESUME_TOKEN_EXPIRED') return
      resumeToken = null
      showList().catch(fail)
    },
    onError: fail,
  })
} catch (error) {
  fail(error)
}
