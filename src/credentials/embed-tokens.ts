import { EMBED_SCOPES, markOf, signEmbedToken } from '../auth/embed-token.ts'
import type { Principal, Scope, TokenDocuments } from '../auth/principal.ts'
import { MAX_TOKEN_LENGTH } from '../auth/refused-token.ts'
import { MAX_TOKEN_SECONDS, type SigningKeys } from '../auth/signing-keys.ts'
import type { Client } from '../database/tenant-scope.ts'
import { badInput, forbidden, type InputPath, limitExceeded, notConfigured } from '../errors.ts'
import { type AgentSet, parseAgentSet } from '../input/agent-set.ts'
import { checkCount, checkLength, checkName } from '../input/check-input.ts'
import { exactlyOne, type Reference, referenceNotFound } from '../input/exactly-one.ts'
import { decodeId } from '../input/ids.ts'
import { LIMITS } from '../input/limits.ts'
import { INDEXED_CHARACTERS, isScalar, type Scalar } from '../metadata/metadata-entries.ts'

type Maybe<Value> = Value | null | undefined

export interface CreateEmbedTokenInput {
  expiresInSeconds: number
  scopes: Scope[]
  agents?: Maybe<Reference[]>
  endUserIds?: Maybe<string[]>
  metadata?: Maybe<Record<string, unknown>>
  documents: TokenDocuments
  subject?: Maybe<string>
}

export interface CreatedEmbedToken {
  token: string
  expiresAt: Date
  expiresInSeconds: number
  /** What the token ends with, besides its expiry. */
  secretMark: string | null
  generation: number
}

const path: InputPath = ['input']
export const MIN_TOKEN_SECONDS = 60
const MAX_RESTRICTION_KEYS = 10

/** Creates a short-lived token of one tenant for a browser, never with more rights than the key that creates it. */
export async function createEmbedToken(
  {
    db,
    tenantId,
    principal,
    signingKeys,
    now,
  }: { db: Client; tenantId: string; principal: Principal; signingKeys: SigningKeys; now: Date },
  input: CreateEmbedTokenInput,
): Promise<CreatedEmbedToken> {
  checkScopes(input.scopes, principal)
  checkLength(input.subject, LIMITS.name, [...path, 'subject'])
  const expiresAt = expiryOf(input.expiresInSeconds, principal, now)
  const metadata = input.metadata ? checkMetadataRestriction(input.metadata, [...path, 'metadata']) : undefined
  const endUserIds = input.endUserIds ? checkIds(input.endUserIds, [...path, 'endUserIds']) : undefined
  const agents = input.agents ? await findAgents(db, input.agents, [...path, 'agents']) : undefined
  const key = await signingKeys.signingKey(db)
  if (!key) throw notConfigured('SIGNING_KEY_SECRET')
  const secretMark = principal.secretHash ? markOf(principal.secretHash) : null
  const { embedTokenGeneration: generation } = await db.tenant.findUniqueOrThrow({ where: { id: tenantId } })
  const token = await signEmbedToken(
    {
      tenantId,
      keyId: principal.id,
      secretMark,
      generation,
      scopes: [...new Set(input.scopes)],
      subject: input.subject ?? null,
      restriction: {
        ...(agents ? { agents } : {}),
        ...(endUserIds ? { endUserIds } : {}),
        ...(metadata ? { metadata } : {}),
        ...(input.documents === 'ANY' ? {} : { documents: input.documents }),
      },
    },
    key,
    now,
    expiresAt,
  )
  if (token.length > MAX_TOKEN_LENGTH) {
    const message = `would make a token of more than ${MAX_TOKEN_LENGTH} characters; restrict it to fewer or shorter values.`
    throw limitExceeded(path, message, MAX_TOKEN_LENGTH)
  }
  return { token, expiresAt, expiresInSeconds: input.expiresInSeconds, secretMark, generation }
}

/** Revokes every token of the tenant that was issued before now. */
export const revokeEmbedTokens = (db: Client, tenantId: string, now: Date) =>
  db.tenant.updateMany({
    where: { id: tenantId },
    data: { embedTokenGeneration: { increment: 1 }, embedTokensRevokedAt: now },
  })

function checkScopes(scopes: readonly Scope[], principal: Principal) {
  if (scopes.length === 0) throw badInput([...path, 'scopes'], 'must name at least one scope.')
  for (const [index, scope] of scopes.entries()) {
    if (!EMBED_SCOPES.includes(scope)) {
      throw badInput(
        [...path, 'scopes', index],
        `can't be ${scope}: a token for a browser is read-only (${EMBED_SCOPES.join(', ')}).`,
      )
    }
    if (!principal.scopes.has(scope))
      throw forbidden(`A token can't have a scope that your key lacks: ${scope}.`, { scopes: [scope] })
  }
}

/** The expiry in whole seconds, as tokens store it. */
function expiryOf(seconds: number, principal: Principal, now: Date): Date {
  if (seconds < MIN_TOKEN_SECONDS || seconds > MAX_TOKEN_SECONDS) {
    throw badInput([...path, 'expiresInSeconds'], `must be between ${MIN_TOKEN_SECONDS} and ${MAX_TOKEN_SECONDS}.`)
  }
  const expiresAt = new Date((Math.floor(now.getTime() / 1000) + seconds) * 1000)
  if (principal.expiresAt && expiresAt > principal.expiresAt) {
    throw badInput(
      [...path, 'expiresInSeconds'],
      `would outlive your key, which expires at ${principal.expiresAt.toISOString()}.`,
    )
  }
  return expiresAt
}

export function checkMetadataRestriction(metadata: Record<string, unknown>, path: InputPath): Record<string, Scalar> {
  const entries = Object.entries(metadata)
  if (entries.length === 0) throw badInput(path, 'must have at least one key; an empty object would restrict nothing.')
  if (entries.length > MAX_RESTRICTION_KEYS)
    throw limitExceeded(path, `has more than ${MAX_RESTRICTION_KEYS} keys.`, MAX_RESTRICTION_KEYS)
  for (const [key, value] of entries) {
    const inputPath = [...path, key]
    checkLength(key, LIMITS.name, path)
    if (!isScalar(value)) throw badInput(inputPath, 'must be a string, number, boolean or null.')
    // Only values that the index stores in full, so that the index alone decides what the token sees.
    if (typeof value === 'string') checkLength(value, INDEXED_CHARACTERS - 1, inputPath)
  }
  return metadata as Record<string, Scalar>
}

/** The ids of agents or end users that a token is restricted to. */
export function checkIds(ids: string[], path: InputPath): string[] {
  checkCount(ids, LIMITS.restrictionValues, path)
  for (const [index, id] of ids.entries()) checkName(id, [...path, index])
  return ids
}

/** The UUIDs of the agents. A back end that names an agent which does not exist made a mistake. */
async function findAgents(db: Client, agents: readonly Reference[], path: InputPath): Promise<AgentSet> {
  checkCount(agents, LIMITS.restrictionValues, path)
  const { ids, externalIds } = parseAgentSet(agents, path)
  const known = await db.agent.findMany({
    where: { OR: [{ id: { in: [...ids] } }, { externalId: { in: [...externalIds] } }] },
    select: { id: true, externalId: true },
  })
  for (const [index, reference] of agents.entries()) {
    const { name, value } = exactlyOne(reference, [...path, index])
    const key = name === 'id' ? decodeId('Agent', value) : value
    if (!known.some((agent) => agent[name] === key)) throw referenceNotFound('agent', reference, [...path, index])
  }
  return { ids: known.map(({ id }) => id), externalIds: [] }
}
