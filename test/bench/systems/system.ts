import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { GivenChat, GivenConversation } from './written.ts'

/** What is asked of every system, each in its own words. `listed`: the page of 20, newest first. */
export interface ListReading {
  tenantId: string
  /** Metadata that is to be equal. */
  where?: { key: string; value: string }
  /** The page goes on behind this conversation. */
  after?: Place
}

export interface GetReading {
  tenantId: string
  /** UUID. */
  id: string
}

/** A conversation as what a page can go on from. `startedAt`: ISO 8601. */
export interface Place {
  id: string
  externalId: string
  startedAt: string
}

/** One HTTP request, all POST. */
export interface Question {
  path: string
  headers: Record<string, string>
  body: string
}

/** A conversation as all systems must answer it: ids as UUIDs, times in milliseconds since 1970. */
export interface SeenConversation {
  id: string
  externalId: string | null
  status: string
  startedAt: number
  metadata: unknown
  messages: SeenMessage[]
}

export interface SeenMessage {
  kind: string
  sequence: number
  timestamp: number
  role: string | null
  content: string | null
  name: string | null
  output: unknown
}

export interface SeenPage {
  conversations: SeenConversation[]
  hasNextPage: boolean
}

/** A server in a process of its own, and how it is asked. */
export interface System {
  name: string
  pid: number
  /** Where it listens. */
  origin: string
  list(reading: ListReading): Question | Promise<Question>
  /** The answer in the form that is compared. */
  readList(answer: string): SeenPage
  /** All of its 200 messages, in two pages of 100 where pages can't be larger. */
  get(reading: GetReading): Question
  readGet(answer: string): SeenConversation
  /** Stores a conversation with its messages. */
  log?(tenantId: string, given: GivenConversation): Question
  /** Appends one message to an open one; `id`: UUID. */
  append?(tenantId: string, id: string, message: GivenChat): Question
  stop(): Promise<void>
}

export interface Serving {
  pid: number
  origin: string
  stop(): Promise<void>
}

/** A process that ends with this one, however this one ends that can still do something about it. */
export function spawnNode(
  args: string[],
  { env, stdout, cwd }: { env: NodeJS.ProcessEnv; stdout: 'pipe' | number; cwd?: string },
): ChildProcess {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', stdout, 'inherit'], ...(cwd ? { cwd } : {}) })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  return child
}

/** Ends a process and waits until it has. */
export async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}

/** Starts one of the servers beside this file; it prints a line of JSON with its `url` once it listens. */
export async function startServer(file: string, databaseUrl: string): Promise<Serving> {
  const env = { ...process.env, DATABASE_URL: databaseUrl, NODE_ENV: 'production', GRAPHILE_ENV: 'production' }
  const server = spawnNode([`${import.meta.dirname}/${file}`], { env, stdout: 'pipe' })
  const url = await new Promise<string>((resolve, reject) => {
    server.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)))
    server.stdout?.once('data', (line: Buffer) => resolve((JSON.parse(line.toString()) as { url: string }).url))
  })
  return { pid: server.pid ?? 0, origin: new URL(url).origin, stop: () => end(server, 'SIGKILL') }
}

/** A GraphQL request of a tenant. The peers take its name as it is sent: they look up no key. */
export const graphql = (tenantId: string, query: string, variables: object, headers = {}): Question => ({
  path: '/graphql',
  headers: { 'x-tenant-id': tenantId, ...headers },
  body: JSON.stringify({ query, variables }),
})

/** Asks once, outside of any measuring; throws unless it was answered without errors. */
export async function ask(origin: string, { path, headers, body }: Question): Promise<string> {
  const response = await fetch(origin + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  const text = await response.text()
  if (!response.ok || text.includes('"errors"')) throw new Error(`${response.status} ${text.slice(0, 2_000)}`)
  return text
}
