import { TOKEN_DOCUMENTS, type TokenRestriction } from '../auth/embed-token.ts'
import {
  AGENTS_CLAIM,
  DOCUMENTS_CLAIM,
  END_USER_IDS_CLAIM,
  isParleyClaim,
  METADATA_CLAIM,
  RESTRICTING_CLAIMS,
} from '../auth/parley-claims.ts'
import { badInput, type InputPath } from '../errors.ts'
import type { AgentSet } from '../input/agent-set.ts'
import { checkInput } from '../input/check-input.ts'
import { decodeId } from '../input/ids.ts'
import { checkIds, checkMetadataRestriction } from './embed-tokens.ts'

/**
 * What an issuer's token is restricted to, by its claims. Throws if they would not be valid for a token of our
 * own: a misspelt restriction must not be ignored. (An agent may be unknown: its product has no use for an error.)
 */
export function restrictionOfClaims(claims: Record<string, unknown>, tenantClaim: string): TokenRestriction {
  const unknown = Object.keys(claims).find(
    (name) => isParleyClaim(name) && ![...RESTRICTING_CLAIMS, tenantClaim].includes(name),
  )
  if (unknown !== undefined) throw badInput([unknown], 'is not a claim that restricts a token.')
  const { [AGENTS_CLAIM]: agents, [END_USER_IDS_CLAIM]: endUserIds, [METADATA_CLAIM]: metadata } = claims
  const { [DOCUMENTS_CLAIM]: documents } = claims
  return {
    ...(agents === undefined ? {} : { agents: agentSetOf(idsOf(agents, [AGENTS_CLAIM])) }),
    ...(endUserIds === undefined ? {} : { endUserIds: idsOf(endUserIds, [END_USER_IDS_CLAIM]) }),
    ...(metadata === undefined ? {} : { metadata: valuesOf(metadata, [METADATA_CLAIM]) }),
    ...(documents === undefined ? {} : { documents: documentsOf(documents, [DOCUMENTS_CLAIM]) }),
  }
}

function idsOf(ids: unknown, path: InputPath): string[] {
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) throw badInput(path, 'must be a list of ids.')
  checkInput(ids, path)
  return checkIds(ids, path)
}

/** What has the form of an agent's id is one; everything else is an external id. */
function agentSetOf(all: readonly string[]): AgentSet {
  const uuids = all.map((id) => decodeId('Agent', id))
  return { ids: uuids.flatMap((uuid) => uuid ?? []), externalIds: all.filter((_, i) => uuids[i] === null) }
}

function valuesOf(metadata: unknown, path: InputPath) {
  checkInput(metadata, path)
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    throw badInput(path, 'must be an object.')
  }
  return checkMetadataRestriction(metadata as Record<string, unknown>, path)
}

function documentsOf(value: unknown, path: InputPath) {
  const documents = TOKEN_DOCUMENTS.find((one) => one === value)
  if (!documents) throw badInput(path, `must be ${TOKEN_DOCUMENTS.join(' or ')}.`)
  return documents
}
