import type { JWK } from 'jose'
import { Prisma } from '../database/generated/client/client.ts'
import type { Session } from '../database/session.ts'
import type { Client } from '../database/tenant-scope.ts'

export interface SigningKeyRow {
  id: string
  public_jwk: JWK
  sealed_jwk: string
  verify_until: Date | null
}

const READ = 'SELECT * FROM read_signing_keys()'

/** All signing keys, including those that only verify. */
export const loadSigningKeys = (session: Session) => session.query<SigningKeyRow>(READ)

/** The same, within a transaction. */
export const signingKeysWithin = (client: Client) => client.$queryRaw<SigningKeyRow[]>(Prisma.raw(READ))
