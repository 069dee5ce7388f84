import { badInput, type InputPath } from '../errors.ts'
import { decodeAnyId, decodeEndUserId } from './ids.ts'

/** Visible ASCII, so that every id fits in the header X-Tenant-Id. */
export const TENANT_ID = /^[\x21-\x7e]{1,64}$/

/** Checks the id of a new tenant. `node(id:)` takes ids of all types, so it must not look like one of another type. */
export function checkTenantId(id: string, path: InputPath): void {
  if (!TENANT_ID.test(id)) throw badInput(path, 'must be 1 to 64 visible ASCII characters without spaces.')
  if (decodeAnyId(id) || decodeEndUserId(id) !== null)
    throw badInput(path, 'must not look like an id that Parley makes, such as `conv_…` or `user_…`.')
}
