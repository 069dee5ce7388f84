import { isDeepStrictEqual } from 'node:util'
import type { BenchDatabase } from '../database.ts'
import { inTurn, load, stamped, toBytes } from '../measure.ts'
import { atLeast, atMost, type Mark, printTable, under } from '../report.ts'
import type { Parley } from '../systems/parley.ts'
import { ask, type System } from '../systems/system.ts'
import { conversationToWrite, messageToAppend } from '../systems/written.ts'
import { countStored, DERIVED, openConversations, storedRows } from '../written-rows.ts'
import { type Options, type Results, type Run, rateOf, rowsOf, runScenario, tailOf } from './scenario.ts'
import { makeWriters, PLAIN, type Writer } from './writers.ts'

const PEERS = ['baseline', 'Pothos + Prisma']
/** Connections, and tenants that they write to in turn. */
const LOG_CONTESTS = [
  [1, 1],
  [16, 1],
  [64, 1],
  [64, 16],
] as const
const APPEND_CONNECTIONS = 16
const OPEN_CONVERSATIONS = 200

/** Writes beside the peers: whole conversations, and messages one by one. */
export async function writingScenarios(
  database: BenchDatabase,
  systems: readonly [Parley, ...System[]],
  options: Options,
): Promise<Mark[]> {
  const writers = await makeWriters(database, 'writing', systems)
  await compare(database, writers)
  const marks: Mark[] = []
  const rows = []
  for (const [connections, tenants] of LOG_CONTESTS) {
    const where = `${connections} connection${connections > 1 ? 's' : ''}${tenants > 1 ? `, ${tenants} tenants` : ''}`
    const results = await logScenario(database, writers, { connections, tenants }, options)
    rows.push(...rowsOf(`conversation of 6, ${where}`, results, PEERS))
    marks.push(...logMarks(results, connections, where))
  }
  for (const count of [OPEN_CONVERSATIONS, 1]) {
    const results = await appendScenario(database, writers, count, options)
    rows.push(...rowsOf(`append to ${count}, ${APPEND_CONNECTIONS} connections`, results, PEERS))
  }
  printTable('Writing, synchronous_commit on', rows)
  return marks
}

/** Fails unless each stores the same rows, leaving aside what Parley derives and takes out. */
async function compare(database: BenchDatabase, writers: readonly Writer[]) {
  const given = conversationToWrite()
  const plain = writers.find(({ name }) => name === PLAIN)
  for (const { system, tenants } of writers) {
    const [tenantId = ''] = tenants
    const question = system.log?.(tenantId, given)
    if (question) await ask(system.origin, question)
  }
  for (const { name, tenants } of writers) {
    const without = name === 'Parley' ? DERIVED : []
    const [ours, theirs] = [
      await storedRows(database, plain?.tenants[0] ?? '', without),
      await storedRows(database, tenants[0] ?? '', without),
    ]
    if (ours.length !== 15 || !isDeepStrictEqual(ours, theirs))
      throw new Error(`${name} stores other rows:\n${JSON.stringify(theirs)}\nthan ${PLAIN}:\n${JSON.stringify(ours)}`)
  }
}

async function logScenario(
  database: BenchDatabase,
  writers: readonly Writer[],
  { connections, tenants }: { connections: number; tenants: number },
  options: Options,
) {
  const runs = new Map<string, Run>()
  const checks: (() => Promise<void>)[] = []
  for (const { name, system, tenants: all } of writers) {
    const templates = all.slice(0, tenants).flatMap((tenantId) => system.log?.(tenantId, conversationToWrite()) ?? [])
    const { requests, sent } = stamped(templates.map((one) => toBytes(system.origin, one)))
    runs.set(name, (milliseconds) => load({ ...system, requests, connections, milliseconds }))
    const before = await countStored(database, all)
    checks.push(async () => {
      const stored = (await countStored(database, all)) - before
      if (stored !== sent()) throw new Error(`${name} acknowledged ${sent()} conversations, and ${stored} are stored`)
    })
  }
  await database.sql('CHECKPOINT')
  const results = await runScenario(runs, options)
  for (const check of checks) await check()
  return results
}

async function appendScenario(
  database: BenchDatabase,
  writers: readonly Writer[],
  count: number,
  options: Options,
): Promise<Results> {
  const runs = new Map<string, Run>()
  for (const { name, system, tenants } of writers) {
    const [tenantId = ''] = tenants
    const ids = await openConversations(database, system, tenantId, count)
    const questions = ids.flatMap((id) => system.append?.(tenantId, id, messageToAppend()) ?? [])
    const requests = inTurn(questions.map((one) => toBytes(system.origin, one)))
    runs.set(name, (milliseconds) => load({ ...system, requests, connections: APPEND_CONNECTIONS, milliseconds }))
  }
  await database.sql('CHECKPOINT')
  const results = await runScenario(runs, options)
  for (const { tenants } of writers) await countStored(database, tenants)
  return results
}

function logMarks(results: Results, connections: number, where: string): Mark[] {
  return ['Parley', PLAIN].flatMap((name) => {
    const of = (peer: string) => rateOf(results, name) / rateOf(results, peer)
    if (connections === 1) return [atMost(`${name}, ${where}: the baseline's rate over its`, 1.3, 1 / of('baseline'))]
    if (connections === 16) return [under(`${name}, ${where}: p99, of the median`, 3, tailOf(results, name))]
    if (connections !== 64) return []
    return [
      atLeast(`${name}, ${where}: of the baseline`, 1.5, of('baseline')),
      atLeast(`${name}, ${where}: of the tutorial way`, 8, of('Pothos + Prisma')),
    ]
  })
}
