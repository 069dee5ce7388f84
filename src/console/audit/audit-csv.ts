import type { Cell } from '../../embed/csv.ts'
import { toCsv } from '../../embed/kit.ts'
import type { AuditEntry } from './documents.ts'

const COLUMNS: readonly [name: string, cell: (event: AuditEntry) => Cell][] = [
  ['id', ({ id }) => id],
  ['occurredAt', ({ occurredAt }) => occurredAt],
  ['actorKind', ({ actor }) => actor.kind],
  ['actorId', ({ actor }) => actor.credentialId],
  ['actorName', ({ actor }) => actor.name],
  ['actorSubject', ({ actor }) => actor.subject],
  ['action', ({ action }) => action],
  ['objectType', ({ objectType }) => objectType],
  ['objectId', ({ objectId }) => objectId],
  ['tenantId', ({ tenantId }) => tenantId],
  ['outcome', ({ outcome }) => outcome],
  ['errorCode', ({ errorCode }) => errorCode],
  ['clientAddress', ({ clientAddress }) => clientAddress],
  ['requestId', ({ requestId }) => requestId],
  ['details', ({ details }) => JSON.stringify(details)],
]

/** The events with the API's names and values, for programs to read. */
export const auditCsv = (events: readonly AuditEntry[]): string =>
  toCsv([COLUMNS.map(([name]) => name), ...events.map((event) => COLUMNS.map(([, cell]) => cell(event)))])
