import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RESTRICTING_CLAIMS } from '../auth/parley-claims.ts'
import { SETTING_NAMES } from '../config.ts'
import { version } from '../database/compatibility.ts'
import { ERROR_CODES } from '../errors.ts'
import { ROUTES } from '../server.ts'

/**
 * What others rely on, as it was last released: the schema, and the names below. A test compares it with what the source
 * makes. `npm run release-contract` writes it, once the changelog says what changed.
 */
export interface Contract {
  version: string
  errorCodes: string[]
  routes: string[]
  claims: string[]
  settings: string[]
}

const ROOT = join(import.meta.dirname, '../..')
export const CONTRACT_FILE = join(ROOT, 'released/contract.json')
export const RELEASED_SCHEMA_FILE = join(ROOT, 'released/schema.graphql')

export const currentContract = (): Contract => ({
  version,
  errorCodes: Object.keys(ERROR_CODES).sort(),
  routes: Object.values(ROUTES).sort(),
  claims: [...RESTRICTING_CLAIMS].sort(),
  settings: SETTING_NAMES.toSorted(),
})

if (import.meta.main) {
  writeFileSync(CONTRACT_FILE, `${JSON.stringify(currentContract(), null, 2)}\n`)
  writeFileSync(RELEASED_SCHEMA_FILE, readFileSync(join(ROOT, 'schema.graphql')))
}
