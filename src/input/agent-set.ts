import type { InputPath } from '../errors.ts'
import { exactlyOne, type Reference } from './exactly-one.ts'
import { decodeId } from './ids.ts'

/** Agents of the tenant, by either id. An id that no agent has matches nothing until an agent has it. */
export interface AgentSet {
  /** UUIDs. */
  ids: readonly string[]
  externalIds: readonly string[]
}

/** The agents that these references name. An id that can't be an agent's matches nothing, like an unknown one. */
export function parseAgentSet(agents: readonly Reference[], path: InputPath): AgentSet {
  const named = agents.map((reference, i) => exactlyOne(reference, [...path, i]))
  const valuesOf = (name: keyof Reference) => named.flatMap((one) => (one.name === name ? [one.value] : []))
  return { ids: valuesOf('id').flatMap((id) => decodeId('Agent', id) ?? []), externalIds: valuesOf('externalId') }
}
