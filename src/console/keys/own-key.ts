import type { Query } from '../../client/generated/schema-types.ts'
import type { App } from '../app.ts'
import { KEY, type Key } from './documents.ts'

/** The signed-in key, whose limits no key that it changes may exceed. */
export async function loadOwnKey({ api, access }: App): Promise<Key | null> {
  const { apiKey } = await api.ask<Pick<Query, 'apiKey'>>(KEY, { id: access.keyId })
  return apiKey ?? null
}

/** Whether a key has more rights than one's own: then it can be revoked, but not changed. */
export function isStronger(key: Key, own: Key): boolean {
  const endsLater = own.expiresAt != null && (key.expiresAt == null || key.expiresAt > own.expiresAt)
  const asksMore =
    own.requestsPerMinute != null && (key.requestsPerMinute == null || key.requestsPerMinute > own.requestsPerMinute)
  // Only the server compares networks with each other.
  const comesFromMore = own.allowedNetworks.length > 0 && key.allowedNetworks.length === 0
  return key.scopes.some((scope) => !own.scopes.includes(scope)) || endsLater || asksMore || comesFromMore
}
