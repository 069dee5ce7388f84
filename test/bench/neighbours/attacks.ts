import type { BenchDatabase } from '../database.ts'
import type { Parley } from '../systems/parley.ts'
import { makeTenants } from '../written-rows.ts'
import { anonymousFlood } from './anonymous-flood.ts'
import { largestAnswers } from './answers-attack.ts'
import type { Lane } from './attacker.ts'
import { largestBodies } from './bodies.ts'
import { type Credentials, makeCredentials } from './credentials.ts'
import { heaviestDocuments } from './documents.ts'
import { heaviestSearches } from './searches.ts'
import { bulkImport, singleWrites, subscriptions } from './writes.ts'

/** What an attacker does to be felt. */
export interface Attack {
  name: string
  /** The details: of the candidates, the worst. */
  what: string[]
  lanes: Lane[]
}

export interface Attacker extends Credentials {
  parley: Parley
  tenantId: string
}

type Plan = (attacker: Attacker) => Promise<Attack> | Attack

/** By kind: the attack, and whether the attacker is a tenant with data, or one that is written to and emptied again. */
const PLANS: Record<string, { writes: boolean; plan: Plan }> = {
  bodies: { writes: true, plan: largestBodies },
  answers: { writes: true, plan: largestAnswers },
  searches: { writes: false, plan: heaviestSearches },
  documents: { writes: false, plan: heaviestDocuments },
  import: { writes: true, plan: bulkImport },
  writers: { writes: true, plan: singleWrites },
  subscriptions: { writes: true, plan: subscriptions },
  anonymous: { writes: true, plan: anonymousFlood },
}

export const KINDS = Object.keys(PLANS)

/** `reading`: the tenant with data that attacks. */
export async function planAttack(
  kind: string,
  { parley, database, reading }: { parley: Parley; database: BenchDatabase; reading: string },
): Promise<Attack> {
  const found = PLANS[kind]
  if (!found) throw new Error(`${kind}: attacks are of the kinds ${KINDS.join(', ')}`)
  const [writing = ''] = found.writes ? await makeTenants(database, kind, 1) : []
  const tenantId = found.writes ? writing : reading
  return found.plan({ parley, tenantId, ...(await makeCredentials(parley, tenantId)) })
}
