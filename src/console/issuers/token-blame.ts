import type { DecodedToken } from './decode-token.ts'
import type { Issuer, TokenOutcome } from './documents.ts'
import { keyText } from './issuer-fields.ts'
import { REFUSAL_TEXTS } from './refusal-texts.ts'

export type PartName = 'header' | 'claims'

/** A member of a token that the token is refused for, and what would be accepted in its place. */
export interface Blame {
  part: PartName
  name: string
  /** Empty if that is not known. */
  expected: readonly string[]
}

const MAX_EXPECTED = 5
/** The server cuts the name of a claim to this length. */
const MAX_CLAIM_LENGTH = 256

export const membersOf = (decoded: DecodedToken, part: PartName): Readonly<Record<string, unknown>> =>
  'members' in decoded[part] ? decoded[part].members : {}

/** The members that a token is refused for, including missing ones. */
export function blamesOf(
  outcome: TokenOutcome,
  decoded: DecodedToken,
  issuers: readonly Pick<Issuer, 'issuer'>[],
): Blame[] {
  const { reason, claim } = outcome
  if (!reason) return []
  const claims = membersOf(decoded, 'claims')
  const { part, names } = claim
    ? { part: 'claims' as const, names: [memberNamed(claim, claims)] }
    : (REFUSAL_TEXTS[reason].blames ?? { part: 'claims' as const, names: [] })
  const expected = expectedFor(outcome, claims, issuers)
  return names.map((name, index) => ({ part, name, expected: index === 0 ? expected : [] }))
}

/** The member that the server names, such as `scopes` by `scopes.0`. */
function memberNamed(claim: string, members: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(members)
  return (
    names.find((name) => name.slice(0, MAX_CLAIM_LENGTH) === claim) ??
    names.find((name) => claim.startsWith(`${name}.`)) ??
    claim
  )
}

function expectedFor(
  { reason, tokenIssuer }: TokenOutcome,
  { iss }: Readonly<Record<string, unknown>>,
  issuers: readonly Pick<Issuer, 'issuer'>[],
): string[] {
  switch (reason) {
    case 'AUDIENCE':
      return tokenIssuer ? [JSON.stringify(tokenIssuer.audience)] : []
    case 'ISSUER_UNKNOWN':
      return issuers.length === 0 ? ['no issuer is registered yet'] : nearest(String(iss), issuers)
    case 'KEY_NOT_FOUND':
      if (!tokenIssuer) return []
      return tokenIssuer.keys?.map(keyText) ?? [`one of the keys at ${tokenIssuer.jwksUrl ?? ''}`]
    default:
      return []
  }
}

/** Without the differences that people overlook. */
const plain = (issuer: string) => issuer.toLowerCase().replace(/^https?:\/\/|[^\p{L}\p{N}]/gu, '')

/** The registered issuers, with the most similar ones first. */
function nearest(iss: string, issuers: readonly Pick<Issuer, 'issuer'>[]): string[] {
  const like = plain(iss)
  const sharedStart = (other: string) => {
    const end = [...other].findIndex((character, index) => character !== like[index])
    return end === -1 ? other.length : end
  }
  return issuers
    .map(({ issuer }) => ({ issuer, isLike: plain(issuer) === like, shared: sharedStart(plain(issuer)) }))
    .sort((one, other) => Number(other.isLike) - Number(one.isLike) || other.shared - one.shared)
    .slice(0, MAX_EXPECTED)
    .map(({ issuer }) => JSON.stringify(issuer))
}
