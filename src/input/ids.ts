import { fromUUID, TypeID, typeid } from 'typeid-js'
import { LIMITS } from './limits.ts'

/**
 * Ids in the API are TypeIDs: a prefix that names the type, and a UUIDv7 in base32. The database stores the UUID.
 */
export const ID_PREFIXES = {
  ApiKey: 'key',
  Agent: 'agent',
  Conversation: 'conv',
  Message: 'msg',
  AuditEvent: 'audit',
  TokenIssuer: 'issuer',
} as const

export type IdType = keyof typeof ID_PREFIXES

/** A new UUIDv7: ids made later sort later. */
export const newUuid = () => typeid().toUUID()

/** Without the library's intermediate object, which would take twice as long: a page has many ids. */
export const encodeId = (type: IdType, uuid: string) => fromUUID(uuid, ID_PREFIXES[type])

/** The id that identifies a credential: that of its key, or of the issuer that signed it. */
export const encodeCredentialId = ({ kind, id }: { kind: string; id: string }) =>
  encodeId(kind === 'ISSUER_TOKEN' ? 'TokenIssuer' : 'ApiKey', id)

/** The UUID of an id of this type. Null for anything else, which can't name a row and needs no query. */
export function decodeId(type: IdType, id: string): string | null {
  const decoded = decodeAnyId(id)
  return decoded?.type === type ? decoded.uuid : null
}

export function decodeAnyId(id: string): { type: IdType; uuid: string } | null {
  const [prefix] = id.split('_', 1)
  const type = (Object.keys(ID_PREFIXES) as IdType[]).find((candidate) => ID_PREFIXES[candidate] === prefix)
  if (type === undefined) return null
  try {
    const uuid = TypeID.fromString(id, ID_PREFIXES[type]).toUUID()
    // Each row has only one id, but base32 would also accept upper case.
    return encodeId(type, uuid) === id ? { type, uuid } : null
  } catch {
    return null
  }
}

/**
 * An end user has no row, only the caller's own id for it, from which its id is made. The id has no part of the tenant,
 * which is that of the credential.
 */
const END_USER_PREFIX = 'user_'

export const encodeEndUserId = (endUserId: string) =>
  `${END_USER_PREFIX}${Buffer.from(endUserId).toString('base64url')}`

/** The caller's id in the id of an end user. Null for anything else, including what no conversation could have. */
export function decodeEndUserId(id: string): string | null {
  if (!id.startsWith(END_USER_PREFIX)) return null
  const endUserId = Buffer.from(id.slice(END_USER_PREFIX.length), 'base64url').toString()
  if (endUserId.trim() === '' || endUserId.length > LIMITS.name || endUserId.includes('\0')) return null
  // Each end user has only one id. Invalid UTF-8 was replaced, and base64 is decoded leniently.
  return encodeEndUserId(endUserId) === id ? endUserId : null
}
