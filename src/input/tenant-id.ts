import { badInput, type InputPath } from '../errors.ts'

/** Visible ASCII, so that every id fits in the header X-Tenant-Id. */
export const TENANT_ID = /^[\x21-\x7e]{1,64}$/

export function checkTenantId(id: string, path: InputPath): void {
  if (!TENANT_ID.test(id)) throw badInput(path, 'must be 1 to 64 visible ASCII characters without spaces.')
}
