import type { AuditAction, AuditActorKind, AuditObjectType } from '../database/generated/client/enums.ts'
import type { Client } from '../database/tenant-scope.ts'
import type { ErrorCode } from '../errors.ts'
import { encodeCredentialId, newUuid } from '../input/ids.ts'

/** Who performed an action: a request's principal, or a start or a command, which have the kind NONE and a name. */
export interface AuditActor {
  kind: AuditActorKind
  /** UUID of the key; for a token, of the key that made it or the issuer that signed it. */
  id: string | null
  name: string | null
  subject: string | null
}

/** The source of an event, as a request's context knows it. */
export interface AuditSource {
  readonly principalOrNull: AuditActor | null
  readonly requestId: string | null
  readonly clientAddress: string | null
  readonly now: Date
}

/** What was done or attempted. */
export interface AuditEntry {
  action: AuditAction
  /** The tenant whose data or settings it was about; null: the account. */
  tenantId: string | null
  objectType?: AuditObjectType | null
  /** In the format of the API. */
  objectId?: string | null
  /** Names, scopes, expiry. Never a secret, a message's text or a metadata value. */
  details?: AuditDetails
  /** Of an embed token that was created: what it ends with. Nobody reads it in the log. */
  token?: { secretMark: string | null; generation: number }
}

export type AuditDetails = Record<string, string | number | boolean | null | readonly string[]>

/** Records an action in the transaction that performs it: both are stored, or neither. */
export async function recordAudit(source: AuditSource & { readonly auditLog: Client }, entry: AuditEntry) {
  await source.auditLog.auditEvent.createMany({ data: [toAuditRow(source, entry)] })
}

export type AuditRow = ReturnType<typeof toAuditRow>

/** The row of an event. With an error code, it is a refused attempt. */
export function toAuditRow(source: AuditSource, entry: AuditEntry, errorCode: ErrorCode | null = null) {
  const actor = source.principalOrNull ?? { kind: 'NONE' as const, id: null, name: null, subject: null }
  return {
    id: newUuid(),
    at: source.now,
    actorKind: actor.kind,
    actorId: actor.id && encodeCredentialId({ kind: actor.kind, id: actor.id }),
    actorName: actor.name,
    actorSubject: actor.subject,
    tenantId: entry.tenantId,
    action: entry.action,
    objectType: entry.objectType ?? null,
    objectId: entry.objectId ?? null,
    outcome: errorCode === null ? ('DONE' as const) : ('REFUSED' as const),
    errorCode,
    requestId: source.requestId,
    clientAddress: source.clientAddress,
    details: entry.details ?? {},
    tokenSecretMark: entry.token?.secretMark ?? null,
    tokenGeneration: entry.token?.generation ?? null,
  }
}
