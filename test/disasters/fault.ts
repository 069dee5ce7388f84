import { setTimeout } from 'node:timers/promises'
import type { Session } from '../../src/database/session.ts'
import { ask } from './ask.ts'
import type { Cluster } from './cluster.ts'
import type { Installed } from './installed.ts'
import type { Ledger } from './ledger.ts'
import { Load } from './load.ts'
import { messagesOf } from './messages.ts'
import type { Parley, Tenant } from './parley.ts'
import { until } from './until.ts'
import { type Findings, verify } from './verify.ts'

export interface World {
  installed: Installed
  /** The cluster that faults of a lane share; each has a database of its own. */
  cluster: Cluster | null
}

export type Need = 'postgresql' | 'pgbouncer' | 'tmpfs'

export interface Fault {
  name: string
  /** Without these it is skipped. */
  needs: readonly Need[]
  run(world: World): Promise<Outcome>
}

/** What came of a fault. */
export interface Outcome extends Findings {
  acknowledged: number
  /** How long it took the server to answer again at the most, after its database was back or it was started; null: always did. */
  backMs: number | null
  /** Whatever else went wrong. */
  problems: string[]
}

/**
 * How soon a server must answer again after its database does. Alone it takes at most 1.5 s on most machines. Two faults
 * at a time share the machine: on two cores, a start with the embedded database then took 5.6 s, and on machines a
 * quarter as fast it takes as long by itself.
 */
export const BACK_WITHIN_MS = 20_000

/** What a disaster happens to. */
export interface Scene {
  servers: readonly Parley[]
  load: Load
  /** To be called once the database is back, or the server was started again: until a write and a read are answered. */
  answersAgain(): Promise<void>
}

interface Setting {
  servers: readonly Parley[]
  /** The database as its superuser, after the servers have stopped. */
  withSession<Result>(work: (session: Session) => Promise<Result>): Promise<Result>
  disaster(scene: Scene): Promise<void>
}

/** Clients write and read, the disaster happens, they go on and stop; then everything is verified. */
export async function underLoad({ servers, withSession, disaster }: Setting): Promise<Outcome> {
  const first = servers[0] as Parley
  const tenants = [await first.newTenant('acme'), await first.newTenant('globex')]
  const load = new Load(tenants, servers)
  const backMs: number[] = []
  const problems: string[] = []
  try {
    await load.goesOn(4)
    const answersAgain = async () => void backMs.push(await timeToAnswer(servers, tenants, load.ledger))
    await disaster({ servers, load, answersAgain })
    await load.goesOn(4)
  } catch (error) {
    problems.push((error as Error).message)
  }
  await load.stop()
  for (const server of servers) await server.stop().catch((error: Error) => problems.push(error.message))
  const findings = await withSession((session) => verify(session, load.ledger))
  return {
    ...findings,
    acknowledged: load.ledger.count,
    backMs: backMs.length === 0 ? null : Math.max(...backMs),
    problems: [...problems, ...load.problems],
  }
}

const LOG = 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }'

let probes = 0

/** Milliseconds until each of the servers has taken a write of each tenant, and is ready. */
async function timeToAnswer(servers: readonly Parley[], tenants: readonly Tenant[], ledger: Ledger): Promise<number> {
  const began = performance.now()
  const writes = servers.flatMap((server) => tenants.map((tenant) => takesWrite(server, tenant, ledger)))
  const ready = servers.map((server) => until('the server is ready', () => server.isReady()))
  await Promise.all([...writes, ...ready])
  return performance.now() - began
}

async function takesWrite({ origin }: Parley, tenant: Tenant, ledger: Ledger) {
  probes += 1
  const tag = `${tenant.id}/probe/${probes}`
  ledger.send(tag, 2)
  const input = { externalId: tag, idempotencyKey: tag, messages: messagesOf(tag, 2, 0) }
  const question = { origin, key: tenant.key, query: LOG, variables: { input }, timeoutMs: 2_000 }
  await until('the server takes a write', async () => !('failure' in (await ask(question))))
  ledger.acknowledge(tag)
}

export const seconds = (count: number) => setTimeout(count * 1_000)
