import type { Prisma } from '../database/generated/client/client.ts'
import { builder } from '../graphql/builder.ts'
import {
  type Cursor,
  connectionArgs,
  connectionType,
  type Page,
  parsePage,
  toConnection,
} from '../graphql/connection.ts'
import { anyOf } from '../graphql/filter-lists.ts'
import { Node } from '../graphql/node.ts'
import { TimeRange } from '../graphql/ranges.ts'
import { encodeId } from '../input/ids.ts'
import { AuditAction, AuditActorKind, AuditObjectType, AuditOutcome } from './audit-enums.graphql.ts'

interface Actor {
  actorKind: typeof AuditActorKind.$inferType
  actorId: string | null
  actorName: string | null
  actorSubject: string | null
}

const AuditActor = builder.objectRef<Actor>('AuditActor').implement({
  description: 'Who performed an action, identified by the credential.',
  fields: (t) => ({
    kind: t.expose('actorKind', { type: AuditActorKind, description: 'Kind of credential.' }),
    credentialId: t.exposeID('actorId', {
      nullable: true,
      description:
        'Id of the API key; for a token, of the key that created it or the issuer that signed it. Null if there was no credential.',
    }),
    name: t.exposeString('actorName', {
      nullable: true,
      description:
        'Name of the actor at that time: of the API key, or who the token was for. For the kind NONE, what acted. Null if unknown.',
    }),
    subject: t.exposeString('actorSubject', {
      nullable: true,
      description: 'Who the token was for. Null for keys, and for a token without a subject.',
    }),
  }),
})

export const AuditEvent = builder.prismaObject('AuditEvent', {
  description:
    'An action on keys, tenants, token issuers, tokens or data, or an attempt that was refused. An event never changes.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'Opaque id, `audit_…`.', resolve: (event) => encodeId('AuditEvent', event.id) }),
    occurredAt: t.expose('at', { type: 'DateTime', description: 'When the request arrived.' }),
    actor: t.field({ type: AuditActor, description: 'Who performed the action.', resolve: (event) => event }),
    tenantId: t.exposeID('tenantId', {
      nullable: true,
      description:
        'Tenant whose data or settings it was about; for a refused attempt, the tenant of the credential or request. Null if it was about the account.',
    }),
    action: t.expose('action', { type: AuditAction, description: 'What was done or, if refused, attempted.' }),
    objectType: t.expose('objectType', {
      type: AuditObjectType,
      nullable: true,
      description: 'Type of the object that the action was performed on. Null if there is none.',
    }),
    objectId: t.exposeID('objectId', {
      nullable: true,
      description: 'Id of the object that the action was performed on. Null if it has none.',
    }),
    outcome: t.expose('outcome', { type: AuditOutcome, description: 'Whether the action was performed.' }),
    errorCode: t.exposeString('errorCode', {
      nullable: true,
      description: 'Error code of a refused attempt. Null if the action was performed.',
    }),
    requestId: t.exposeID('requestId', {
      nullable: true,
      description:
        "Id of the request, as in the server's log and the header X-Request-Id. Null for the server's start or a command on its machine.",
    }),
    clientAddress: t.exposeString('clientAddress', {
      nullable: true,
      description: 'IP address that the request came from. Null if it is unknown.',
    }),
    details: t.expose('details', {
      type: 'JSONObject',
      description:
        'Further details, depending on the action, such as names, scopes and expiry. For a refused attempt, `suppressed` is the number of similar attempts before it that got no event of their own. Never contains a secret, the text of a message or a metadata value.',
    }),
  }),
})

const AuditEventConnection = connectionType(AuditEvent, { name: 'AuditEvent', of: 'audit events' })

const AuditEventFilter = builder.inputType('AuditEventFilter', {
  description: 'Filters audit events. All given conditions must hold. Absent or null means no condition.',
  fields: (t) => ({
    actions: t.field({ type: [AuditAction], required: false, description: anyOf('Has one of these actions.') }),
    actorIds: t.idList({
      required: false,
      description: anyOf(
        'Was performed or attempted by one of these keys, `key_…`, or issuers, `issuer_…`, or by one of their tokens.',
      ),
    }),
    tenantIds: t.idList({ required: false, description: anyOf('Is about one of these tenants.') }),
    outcomes: t.field({ type: [AuditOutcome], required: false, description: anyOf('Has one of these outcomes.') }),
    occurredAt: t.field({
      type: TimeRange,
      required: false,
      description:
        "Happened in this time range. Dates are in the tenant's time zone or, if the request has no tenant, in UTC.",
    }),
  }),
})

builder.queryField('auditEvents', (t) =>
  t.field({
    type: AuditEventConnection,
    nullable: true,
    description:
      'The audit log: who did what to which object, when and from where. Newest first. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: {
      ...connectionArgs,
      filter: t.arg({ type: AuditEventFilter, required: false, description: 'Filters the events. Default: all.' }),
    },
    resolve: async (_root, args, context) => {
      const page = parsePage(args, 'AUDIT_EVENTS')
      const where = matching(args.filter ?? {})
      const rows = await context.account.auditEvent.findMany({
        where: { AND: [where, ...within(page)] },
        orderBy: page.backward ? [{ at: 'asc' }, { id: 'asc' }] : [{ at: 'desc' }, { id: 'desc' }],
        take: page.limit + 1,
      })
      return toConnection(
        page,
        rows,
        (row) => ['AUDIT_EVENTS', row.at.getTime(), row.id],
        () => context.account.auditEvent.count({ where }),
      )
    },
  }),
)

function matching({
  actions,
  actorIds,
  tenantIds,
  outcomes,
  occurredAt,
}: typeof AuditEventFilter.$inferInput): Prisma.AuditEventWhereInput {
  return {
    ...(actions ? { action: { in: actions } } : {}),
    ...(actorIds ? { actorId: { in: actorIds } } : {}),
    ...(tenantIds ? { tenantId: { in: tenantIds } } : {}),
    ...(outcomes ? { outcome: { in: outcomes } } : {}),
    at: { ...(occurredAt?.from ? { gte: occurredAt.from } : {}), ...(occurredAt?.to ? { lt: occurredAt.to } : {}) },
  }
}

/** Newest first, so entries after a cursor are older. The separate bound on the time lets an index be used. */
function within({ after, before }: Page): Prisma.AuditEventWhereInput[] {
  const place = (cursor: Cursor) => ({ at: new Date(cursor[1]), id: cursor[2] })
  const behind = ({ at, id }: { at: Date; id: string }) => ({
    at: { lte: at },
    OR: [{ at: { lt: at } }, { id: { lt: id } }],
  })
  const ahead = ({ at, id }: { at: Date; id: string }) => ({
    at: { gte: at },
    OR: [{ at: { gt: at } }, { id: { gt: id } }],
  })
  return [...(after ? [behind(place(after))] : []), ...(before ? [ahead(place(before))] : [])]
}
