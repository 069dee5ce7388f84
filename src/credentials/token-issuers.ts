import { EMBED_SCOPES, OWN_ISSUER } from '../auth/embed-token.ts'
import { jwksUrlProblem } from '../auth/fetch-jwks.ts'
import { foldName } from '../auth/fold-name.ts'
import type { IssuerKeys } from '../auth/issuer-keys.ts'
import { RESTRICTING_CLAIMS } from '../auth/parley-claims.ts'
import type { Principal, Scope, TokenDocuments } from '../auth/principal.ts'
import { Prisma } from '../database/generated/client/client.ts'
import { lockRow, lockTable } from '../database/locks.ts'
import type { Client } from '../database/tenant-scope.ts'
import { badInput, forbidden, type InputPath, notFound, ParleyError } from '../errors.ts'
import { checkLength, checkName } from '../input/check-input.ts'
import { decodeId, newUuid } from '../input/ids.ts'
import { checkKeys } from './check-issuer-keys.ts'

type Maybe<Value> = Value | null | undefined

interface KeysInput {
  jwksUrl?: Maybe<string>
  keys?: Maybe<Record<string, unknown>[]>
}

export interface RegisterTokenIssuerInput extends KeysInput {
  name?: Maybe<string>
  issuer: string
  audience: string
  tenantClaim: string
  scopes: Scope[]
  documents: TokenDocuments
}

export interface UpdateTokenIssuerInput extends KeysInput {
  id: string
  name?: Maybe<string>
  audience?: Maybe<string>
  tenantClaim?: Maybe<string>
  scopes?: Maybe<Scope[]>
  documents?: Maybe<TokenDocuments>
}

interface AdminContext {
  account: Client
  principal: Principal
  issuerKeys: IssuerKeys
  now: Date
}

const path: InputPath = ['input']
const MAX_URL_LENGTH = 2_048

export async function registerTokenIssuer(
  { account, principal, issuerKeys, now }: AdminContext,
  input: RegisterTokenIssuerInput,
): Promise<{ issuerId: string }> {
  const { name = null, issuer, audience, tenantClaim, documents } = input
  checkName(issuer, [...path, 'issuer'])
  const folded = foldName(issuer)
  if (folded === '') throw badInput([...path, 'issuer'], 'has no visible character.')
  if (folded === OWN_ISSUER)
    throw badInput([...path, 'issuer'], `can't be "${OWN_ISSUER}", which is this server itself.`)
  checkTexts({ name, audience, tenantClaim })
  const scopes = checkScopes(input.scopes)
  refuseStronger(scopes, principal)
  refuseOutliving(principal)
  const keys = await checkKeySource(input, issuerKeys)
  if (!keys) throw badInput([...path, 'jwksUrl'], 'either jwksUrl or keys must be given.')
  await refuseSimilar(account, issuer)
  const id = newUuid()
  await account.tokenIssuer.create({
    data: { id, name, issuer, audience, tenantClaim, scopes, documents, ...keys, createdAt: now, updatedAt: now },
  })
  return { issuerId: id }
}

/**
 * Refuses names that people can't tell apart. Registrations run one after the other, because a unique index would fail
 * on similar issuers that were registered before this check existed.
 */
async function refuseSimilar(account: Client, issuer: string) {
  await lockTable(account, 'token_issuers')
  const folded = foldName(issuer)
  const known = await account.tokenIssuer.findMany({ select: { issuer: true } })
  const taken = known.find((row) => foldName(row.issuer) === folded)
  if (!taken) return
  const message =
    taken.issuer === issuer
      ? `"${issuer}" is already registered.`
      : `differs from the registered issuer "${taken.issuer}" only in case, spaces, or characters that look alike or are invisible.`
  throw new ParleyError('EXTERNAL_ID_TAKEN', `input.issuer: ${message}`, { inputPath: 'input.issuer' })
}

export async function updateTokenIssuer(
  { account, principal, issuerKeys, now }: AdminContext,
  input: UpdateTokenIssuerInput,
): Promise<{ issuerId: string }> {
  const id = await lockIssuer(account, input.id, [...path, 'id'])
  for (const field of ['audience', 'tenantClaim', 'scopes', 'documents'] as const) {
    if (input[field] === null) throw badInput([...path, field], "can't be cleared.")
  }
  checkTexts(input)
  const { name, audience, tenantClaim, documents } = input
  const scopes = input.scopes ? checkScopes(input.scopes) : undefined
  const before = await account.tokenIssuer.findUniqueOrThrow({ where: { id } })
  // Includes scopes that stay: whoever changes an issuer's keys can use all its scopes.
  refuseStronger(scopes ?? before.scopes, principal)
  const keys = await checkKeySource(input, issuerKeys)
  const widens =
    scopes?.some((scope) => !before.scopes.includes(scope)) ||
    (documents != null && documents !== before.documents && before.documents !== 'ANY')
  if (keys || widens || audience != null || tenantClaim != null) refuseOutliving(principal)
  if (!keys) {
    for (const field of ['jwksUrl', 'keys'] as const) {
      if (input[field] === null && before[field] !== null) {
        throw badInput([...path, field], `can't be cleared: give ${field === 'keys' ? 'jwksUrl' : 'keys'} instead.`)
      }
    }
  }
  await account.tokenIssuer.update({
    where: { id },
    data: {
      ...(name === undefined ? {} : { name }),
      ...(audience == null ? {} : { audience }),
      ...(tenantClaim == null ? {} : { tenantClaim }),
      ...(scopes ? { scopes } : {}),
      ...(documents == null ? {} : { documents }),
      ...keys,
      updatedAt: now,
    },
  })
  return { issuerId: id }
}

/** Removes an issuer. Its tokens are refused from the next request on. */
export async function deleteTokenIssuer({ account }: AdminContext, id: string) {
  const uuid = await lockIssuer(account, id, ['input', 'id'])
  return account.tokenIssuer.delete({ where: { id: uuid } })
}

function checkTexts({
  name,
  audience,
  tenantClaim,
}: Pick<UpdateTokenIssuerInput, 'name' | 'audience' | 'tenantClaim'>) {
  if (name != null) checkName(name, [...path, 'name'])
  if (audience != null) checkName(audience, [...path, 'audience'])
  if (tenantClaim != null) checkTenantClaim(tenantClaim)
}

function checkTenantClaim(tenantClaim: string) {
  checkName(tenantClaim, [...path, 'tenantClaim'])
  if ([...RESTRICTING_CLAIMS, 'scope', 'scopes'].includes(foldName(tenantClaim))) {
    throw badInput([...path, 'tenantClaim'], `can't be "${tenantClaim}", which says what a token may do.`)
  }
}

function checkScopes(scopes: readonly Scope[]): Scope[] {
  if (scopes.length === 0) throw badInput([...path, 'scopes'], 'must name at least one scope.')
  const wrong = scopes.findIndex((scope) => !EMBED_SCOPES.includes(scope))
  if (wrong !== -1) {
    throw badInput(
      [...path, 'scopes', wrong],
      `can't be ${scopes[wrong]}: a token for a browser is read-only (${EMBED_SCOPES.join(', ')}).`,
    )
  }
  return [...new Set(scopes)]
}

function refuseStronger(scopes: readonly Scope[], principal: Principal) {
  const lacked = scopes.find((scope) => !principal.scopes.has(scope))
  if (lacked) throw forbidden(`An issuer can't have a scope that your key lacks: ${lacked}.`, { scopes: [lacked] })
}

/** The columns for the source of an issuer's keys, or null if the input has none. */
async function checkKeySource({ jwksUrl, keys }: KeysInput, { allowLoopback }: IssuerKeys) {
  if (jwksUrl != null && keys != null) throw badInput([...path, 'keys'], "can't be given together with jwksUrl.")
  if (keys != null) {
    const checked = await checkKeys(keys, [...path, 'keys'])
    return { jwksUrl: null, keys: checked as Prisma.InputJsonValue[] }
  }
  if (jwksUrl == null) return null
  checkLength(jwksUrl, MAX_URL_LENGTH, [...path, 'jwksUrl'])
  const problem = jwksUrlProblem(jwksUrl, allowLoopback)
  if (problem) throw badInput([...path, 'jwksUrl'], problem)
  return { jwksUrl, keys: Prisma.DbNull }
}

/** Locks the issuer until the end of the transaction, so that its changes run one after the other. Returns its UUID. */
async function lockIssuer(account: Client, id: string, idPath: InputPath): Promise<string> {
  const uuid = decodeId('TokenIssuer', id)
  if (uuid === null) throw notFound('token issuer', idPath)
  if (!(await lockRow(account, 'token_issuers', uuid))) throw notFound('token issuer', idPath)
  return uuid
}

/** A temporary administrator must not leave behind access that lasts longer. Removing access is always allowed. */
function refuseOutliving({ expiresAt }: Principal) {
  if (expiresAt === null) return
  throw forbidden(`An issuer would outlive your key, which expires at ${expiresAt.toISOString()}.`)
}
