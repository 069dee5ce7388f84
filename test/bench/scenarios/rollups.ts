import type { BenchDatabase } from '../database.ts'
import { load, stamped, toBytes } from '../measure.ts'
import { atMost, type Mark, printTable } from '../report.ts'
import { startParley } from '../systems/parley.ts'
import { conversationToWrite } from '../systems/written.ts'
import { makeTenants } from '../written-rows.ts'
import { type Options, type Run, rateOf, rowsOf, runScenario } from './scenario.ts'

const CONNECTIONS = 16
const [WITH, WITHOUT] = ['with roll-ups', 'without']

/** What keeping roll-ups costs a write: conversations of six messages, with the triggers that keep them on and off in turn. */
export async function rollupsScenario(database: BenchDatabase, options: Options): Promise<Mark[]> {
  const parley = await startParley(database.ownerUrl)
  const triggers = (state: 'ENABLE' | 'DISABLE') =>
    database.sql(
      ['insert', 'update', 'delete']
        .map((kind) => `ALTER TABLE conversations ${state} TRIGGER roll_up_${kind}`)
        .join(';'),
    )
  const logging = async (tenants: string, state: 'ENABLE' | 'DISABLE'): Promise<Run> => {
    const [tenantId = ''] = await makeTenants(database, tenants, 1)
    const request = parley.log?.(tenantId, conversationToWrite())
    const { requests } = stamped(request ? [toBytes(parley.origin, request)] : [])
    return async (milliseconds) => {
      await triggers(state)
      return load({ ...parley, requests, connections: CONNECTIONS, milliseconds })
    }
  }
  try {
    const runs = new Map([
      [WITH, await logging('rolled-up', 'ENABLE')],
      [WITHOUT, await logging('not-rolled-up', 'DISABLE')],
    ])
    const results = await runScenario(runs, options)
    printTable(`Logging conversations of 6 messages, ${CONNECTIONS} connections`, rowsOf('log', results, [WITHOUT]))
    return [atMost('writing with roll-ups, of writing without', 1.35, rateOf(results, WITHOUT) / rateOf(results, WITH))]
  } finally {
    await triggers('ENABLE')
    await parley.stop()
  }
}
