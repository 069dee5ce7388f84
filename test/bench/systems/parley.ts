import { execFileSync } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { decodeId, encodeId } from '../../../src/input/ids.ts'
import { argumentsOf } from '../../support/npm-script.ts'
import {
  ask,
  end,
  graphql,
  type Question,
  type SeenConversation,
  type SeenMessage,
  type Serving,
  type System,
  spawnNode,
} from './system.ts'
import type { GivenConversation, GivenMessage } from './written.ts'

const MESSAGE = `nodes { __typename sequence timestamp ... on ChatMessage { role content } ... on ToolCall { name output } }`
const CONVERSATION = 'id externalId status startedAt metadata'

const LIST = `query ($after: String, $filter: ConversationFilter) {
  conversations(first: 20, after: $after, filter: $filter) {
    nodes { ${CONVERSATION} messages(first: 6) { ${MESSAGE} } }
    pageInfo { hasNextPage endCursor }
  }
}`
const GET = `query ($id: ID!) {
  conversation(by: { id: $id }) {
    ${CONVERSATION}
    opening: messages(first: 100) { ${MESSAGE} }
    closing: messages(last: 100) { ${MESSAGE} }
  }
}`
const CURSOR = `query ($externalId: String!) {
  conversations(first: 1, filter: { externalIds: [$externalId] }) { pageInfo { endCursor } }
}`

/** Those that are measured, and must not fall back to graphql-js. */
export const BENCHMARK_QUERIES = [LIST, GET, CURSOR]

const LOG = `mutation ($input: LogConversationInput!) { logConversation(input: $input) { created conversation { id } } }`
const LOG_MANY = `mutation ($inputs: [LogConversationInput!]!) {
  logConversations(input: { conversations: $inputs }) { results { created error { code message } } }
}`
const APPEND = `mutation ($input: AppendMessagesInput!) { appendMessages(input: $input) { appendedMessages { id sequence } } }`

interface Messages {
  nodes: (Partial<SeenMessage> & { __typename: 'ChatMessage' | 'ToolCall'; sequence: number; timestamp: string })[]
}
interface Conversation extends Omit<SeenConversation, 'startedAt' | 'messages'> {
  startedAt: string
}

/** A Parley of its own process on a PostgreSQL, as it is run in production, with an ADMIN key. */
export interface Parley extends System {
  key: string
  /** Asks in the name of a tenant; the answer's text, and throws on errors. */
  ask(tenantId: string, query: string, variables?: Record<string, unknown>): Promise<string>
  question(tenantId: string, query: string, variables?: Record<string, unknown>): Question
  /** Several conversations in one call. */
  logMany(tenantId: string, given: readonly GivenConversation[]): Question
}

/** The role that serves on a database of benchmarks, which Parley makes beside the owner of the tables. */
export function servingUrlOf(ownerUrl: string): string {
  const serving = new URL(ownerUrl)
  serving.username = serving.password = 'parley_bench_server'
  return serving.href
}

/**
 * `directory` is that of an installed checkout: another one than this, to compare with it. `settings`: others than those that
 * suit measuring; an empty one is the server's default.
 */
export async function startParley(
  ownerUrl: string,
  directory = '.',
  settings: Record<string, string> = {},
): Promise<Parley> {
  const serving = await serve(ownerUrl, directory, settings)
  const question = (tenantId: string, query: string, variables: object = {}) =>
    graphql(tenantId, query, variables, { authorization: `Bearer ${serving.key}` })
  const askParley: Parley['ask'] = (tenantId, query, variables) =>
    ask(serving.origin, question(tenantId, query, variables))
  return {
    ...serving,
    name: 'Parley',
    question,
    ask: askParley,
    async list({ tenantId, where, after }) {
      const { externalId } = after ?? {}
      const cursor = externalId && JSON.parse(await askParley(tenantId, CURSOR, { externalId }))
      return question(tenantId, LIST, {
        ...(cursor ? { after: cursor.data.conversations.pageInfo.endCursor } : {}),
        ...(where ? { filter: { metadata: [{ path: [where.key], eq: where.value }] } } : {}),
      })
    },
    readList(answer) {
      const { nodes, pageInfo } = JSON.parse(answer).data.conversations
      const conversations = nodes.map((node: Conversation & { messages: Messages }) => seen(node, node.messages))
      return { conversations, hasNextPage: pageInfo.hasNextPage }
    },
    get: ({ tenantId, id }) => question(tenantId, GET, { id: encodeId('Conversation', id) }),
    readGet(answer) {
      const node = JSON.parse(answer).data.conversation
      return seen(node, node.opening, node.closing)
    },
    log: (tenantId, given) => question(tenantId, LOG, { input: inputOf(given) }),
    logMany: (tenantId, given) => question(tenantId, LOG_MANY, { inputs: given.map(inputOf) }),
    append: (tenantId, id, message) => {
      const input = { by: { id: encodeId('Conversation', id) }, messages: [messageOf(message)] }
      return question(tenantId, APPEND, { input })
    },
  }
}

const inputOf = ({ messages, ...given }: GivenConversation) => ({ ...given, messages: messages.map(messageOf) })
const messageOf = ({ kind, ...message }: GivenMessage) => (kind === 'CHAT' ? { chat: message } : { tool: message })

/** Its log, a line for each request as in production, goes to a file: through a pipe it would cost the measuring process. */
async function serve(
  ownerUrl: string,
  directory: string,
  settings: Record<string, string>,
): Promise<Serving & { key: string }> {
  const env = {
    ...process.env,
    ...{ DATABASE_URL: servingUrlOf(ownerUrl), DATABASE_OWNER_URL: ownerUrl, PORT: '0', NODE_ENV: 'production' },
    ...{ SIGNING_KEY_SECRET: 'for measuring alone, 32 characters', LOG_LEVEL: 'info' },
    ...{ RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_TENANT_PER_MINUTE: '0', PROCESSES: '1' },
    ...settings,
  }
  const log = join(mkdtempSync(join(tmpdir(), 'parley-bench-')), 'log')
  const server = spawnNode(argumentsOf('start', directory), { env, stdout: openSync(log, 'w'), cwd: directory })
  let url: string | undefined
  while (!url) {
    if (server.exitCode !== null) throw new Error(`Parley ended with ${server.exitCode}:\n${readFileSync(log)}`)
    await setTimeout(50)
    url = /"url":"([^"]+)"/.exec(readFileSync(log, 'utf8'))?.[1]
  }
  const key = execFileSync(process.execPath, [...argumentsOf('admin-key', directory), 'bench'], {
    env,
    cwd: directory,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return {
    ...{ pid: server.pid ?? 0, origin: new URL(url).origin, key: key.toString().trim() },
    stop: () => end(server, 'SIGTERM'),
  }
}

const seen = (node: Conversation, ...pages: Messages[]): SeenConversation => ({
  id: decodeId('Conversation', node.id) ?? node.id,
  externalId: node.externalId,
  status: node.status,
  startedAt: Date.parse(node.startedAt),
  metadata: node.metadata,
  messages: pages.flatMap(({ nodes }) =>
    nodes.map(({ __typename, sequence, timestamp, role, content, name, output }) => ({
      kind: __typename === 'ToolCall' ? 'TOOL' : 'CHAT',
      sequence,
      timestamp: Date.parse(timestamp),
      role: role ?? null,
      content: content ?? null,
      name: name ?? null,
      output: output ?? null,
    })),
  ),
})
