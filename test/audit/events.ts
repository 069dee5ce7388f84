import type { TestServer } from '../support/server.ts'

export interface AuditEventShape {
  id: string
  occurredAt: string
  actor: { kind: string; credentialId: string | null; name: string | null; subject: string | null }
  tenantId: string | null
  action: string
  objectType: string | null
  objectId: string | null
  outcome: string
  errorCode: string | null
  requestId: string | null
  clientAddress: string | null
  details: Record<string, unknown>
}

export const EVENT = `id occurredAt actor { kind credentialId name subject } tenantId action objectType objectId outcome errorCode
  requestId clientAddress details`

export const EVENTS = `query ($filter: AuditEventFilter) { auditEvents(first: 100, filter: $filter) { nodes { ${EVENT} } } }`

/** The events that an administrator is shown, newest first; what was refused so far is among them. */
export async function eventsOf(server: TestServer, filter: Record<string, unknown> = {}): Promise<AuditEventShape[]> {
  await server.refusals.flush()
  const { data, errors } = await server.admin(EVENTS, { filter })
  if (errors) throw new Error(JSON.stringify(errors))
  return data.auditEvents.nodes
}

/** What was recorded of a tenant that is not how the test made it. */
export async function eventsAfterSetUp(server: TestServer, tenantId: string): Promise<AuditEventShape[]> {
  const events = await eventsOf(server, { tenantIds: [tenantId] })
  // Its creation, and its key's.
  return events.slice(0, -2)
}

/** The account's first key, as an actor. */
export const adminActor = async (server: TestServer) => {
  const { data } = await server.admin('{ viewer { credentialId name } }')
  return { kind: 'ACCOUNT_KEY', ...data.viewer, subject: null }
}

export const FORM = {
  eventId: /^audit_[0-9a-hjkmnp-tv-z]{26}$/,
  requestId: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
}
