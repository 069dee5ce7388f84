import type { Session } from '../database/session.ts'

interface OriginRow {
  origin: string
  tenant_id: string
}

/** Every origin that a tenant allows, with the tenant. */
export const listAllowedOrigins = (session: Session) =>
  session.query<OriginRow>('SELECT origin, tenant_id FROM list_allowed_origins()')
