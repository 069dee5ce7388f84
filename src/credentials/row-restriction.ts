import type { TokenRestriction } from '../auth/embed-token.ts'
import { isParleyClaim } from '../auth/parley-claims.ts'
import { badInput, type InputPath } from '../errors.ts'
import { checkCount, checkInput } from '../input/check-input.ts'
import { decodeId } from '../input/ids.ts'
import { LIMITS } from '../input/limits.ts'
import { checkMetadataRestriction } from './embed-tokens.ts'

const AGENT_IDS = 'parley_agent_ids'
const METADATA = 'parley_metadata'
/** The claims of an issuer's token that Parley reads, besides the registered ones and that of the tenant. */
export const RESTRICTING_CLAIMS = [AGENT_IDS, METADATA] as const

/**
 * The rows that an issuer's token is restricted to, by its claims `parley_agent_ids` and `parley_metadata`.
 * Throws if they would not be valid for a token of our own: a misspelt restriction must not be ignored.
 */
export function restrictionOfClaims(claims: Record<string, unknown>, tenantClaim: string): TokenRestriction {
  const { [AGENT_IDS]: agentIds, [METADATA]: metadata } = claims
  const unknown = Object.keys(claims).find(
    (name) => isParleyClaim(name) && ![...RESTRICTING_CLAIMS, tenantClaim].includes(name),
  )
  if (unknown !== undefined) throw badInput([unknown], 'is not a claim that restricts rows.')
  return {
    ...(agentIds === undefined ? {} : { agentIds: uuidsOf(agentIds, [AGENT_IDS]) }),
    ...(metadata === undefined ? {} : { metadata: valuesOf(metadata, [METADATA]) }),
  }
}

function uuidsOf(ids: unknown, path: InputPath): string[] {
  if (!Array.isArray(ids)) throw badInput(path, 'must be a list of ids.')
  checkCount(ids, LIMITS.agentsPerConversation, path)
  return ids.map((id: unknown, index) => {
    const uuid = typeof id === 'string' ? decodeId('Agent', id) : null
    if (uuid === null) throw badInput([...path, index], 'is not the id of an agent.')
    return uuid
  })
}

function valuesOf(metadata: unknown, path: InputPath) {
  checkInput(metadata, path)
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    throw badInput(path, 'must be an object.')
  }
  return checkMetadataRestriction(metadata as Record<string, unknown>, path)
}
