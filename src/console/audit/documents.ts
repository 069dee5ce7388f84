import type { AuditEvent } from '../../client/generated/schema-types.ts'

/** An event as the console reads it. */
export type AuditEntry = AuditEvent

export const AUDIT_EVENTS = `query ConsoleAuditEvents($first: Int!, $after: String, $filter: AuditEventFilter) {
  auditEvents(first: $first, after: $after, filter: $filter) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id occurredAt tenantId action objectType objectId outcome errorCode requestId clientAddress details
      actor { kind credentialId name subject }
    }
  }
}`
