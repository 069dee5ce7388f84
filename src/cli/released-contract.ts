import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { claimsOf } from '../auth/issuer-token.ts'
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
  errorCodes: Record<string, { status: number; retry: string }>
  routes: string[]
  /** The claims that are read from an issuer's tokens. TokenIssuer.tenantClaim stands for the one that it names. */
  claims: { required: string[]; optional: string[] }
  settings: string[]
}

const ROOT = join(import.meta.dirname, '../..')
export const CONTRACT_FILE = join(ROOT, 'released/contract.json')
export const RELEASED_SCHEMA_FILE = join(ROOT, 'released/schema.graphql')

export function currentContract(): Contract {
  const { required, optional } = claimsOf('TokenIssuer.tenantClaim')
  return {
    version,
    errorCodes: Object.fromEntries(Object.entries(ERROR_CODES).sort()),
    routes: Object.values(ROUTES).sort(),
    claims: { required: required.sort(), optional: optional.sort() },
    settings: SETTING_NAMES.toSorted(),
  }
}

/** Whether a version is a release candidate of a new major: until that is released, its contract may still be broken. */
export const isCandidateOfMajor = (version: string) => /^\d+\.0\.0-/.test(version)

/** What is released stays as it was, or a break could be hidden by writing it again. */
export const mayBeWritten = (released: string, current: string) => released !== current || isCandidateOfMajor(current)

if (import.meta.main) {
  const { version: released } = JSON.parse(readFileSync(CONTRACT_FILE, 'utf8')) as Contract
  if (!mayBeWritten(released, version)) {
    throw new Error(
      `${version} is released, and its contract stays as it was. Give package.json the next version first.`,
    )
  }
  writeFileSync(CONTRACT_FILE, `${JSON.stringify(currentContract(), null, 2)}\n`)
  writeFileSync(RELEASED_SCHEMA_FILE, readFileSync(join(ROOT, 'schema.graphql')))
}
