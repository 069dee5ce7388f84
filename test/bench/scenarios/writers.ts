import type { BenchDatabase } from '../database.ts'
import type { Parley } from '../systems/parley.ts'
import type { System } from '../systems/system.ts'
import { makeTenants } from '../written-rows.ts'

/** Who writes, into tenants of its own: so what each wrote can be told apart, and be removed. */
export interface Writer {
  name: string
  system: System
  tenants: string[]
}

const TENANTS = 16

/** Parley with a tenant's derivations and redaction switched off: no more work than the peers do. */
export const PLAIN = 'Parley, nothing derived'

/** Parley twice, as it is and plain, and those of the peers that write; the tenants of a scenario begin with its name. */
export async function makeWriters(
  database: BenchDatabase,
  scenario: string,
  [parley, ...peers]: readonly [Parley, ...System[]],
): Promise<Writer[]> {
  const named = [
    { name: parley.name, system: parley },
    { name: PLAIN, system: parley },
    ...peers.flatMap((system) => (system.log ? [{ name: system.name, system }] : [])),
  ]
  const writers = []
  for (const [i, writer] of named.entries()) {
    const tenants = await makeTenants(database, `${scenario}-${i}`, TENANTS)
    if (writer.name === PLAIN) for (const tenant of tenants) await deriveNothing(parley, tenant)
    writers.push({ ...writer, tenants })
  }
  return writers
}

const UPDATE = 'mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { id } } }'

async function deriveNothing(parley: Parley, id: string) {
  const enrichment = { sentiment: false, language: false, tokenCount: false, cost: false }
  await parley.ask(id, UPDATE, { input: { id, enrichment, redactsPersonalData: false } })
}
