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
  description: 'Who did something, by the credential that was sent.',
  fields: (t) => ({
    kind: t.expose('actorKind', { type: AuditActorKind, description: 'With what kind of credential.' }),
    id: t.exposeID('actorId', {
      nullable: true,
      description:
        'The id of the API key; of a token, the key that made it or the issuer that signed it. Null where there was none.',
    }),
    name: t.exposeString('actorName', { nullable: true, description: 'Its name at that time.' }),
    subject: t.exposeString('actorSubject', { nullable: true, description: 'Whom a token was made for.' }),
  }),
})

export const AuditEvent = builder.prismaObject('AuditEvent', {
  description:
    'Something that was done to keys, tenants, tokens or data, or an attempt that was refused. Never changes.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'Opaque id, `audit_…`.', resolve: (event) => encodeId('AuditEvent', event.id) }),
    at: t.expose('at', { type: 'DateTime', description: 'When the request came.' }),
    actor: t.field({ type: AuditActor, description: 'Who did it.', resolve: (event) => event }),
    tenantId: t.exposeID('tenantId', {
      nullable: true,
      description:
        'Whose data or settings it was about; of a refused attempt, whose credential or request. Null: the account.',
    }),
    action: t.expose('action', { type: AuditAction, description: 'What was done; where refused, attempted.' }),
    objectType: t.expose('objectType', {
      type: AuditObjectType,
      nullable: true,
      description: 'What kind of thing it was done to.',
    }),
    objectId: t.exposeID('objectId', { nullable: true, description: 'Which one, where it has an id.' }),
    outcome: t.expose('outcome', { type: AuditOutcome, description: 'Whether it was done.' }),
    errorCode: t.exposeString('errorCode', {
      nullable: true,
      description: 'The code that a refused one was answered.',
    }),
    requestId: t.exposeID('requestId', {
      nullable: true,
      description: 'The request, as in the log and in the header X-Request-Id. Null for a start or a command.',
    }),
    clientAddress: t.exposeString('clientAddress', {
      nullable: true,
      description: 'The IP address that the request came from, where known.',
    }),
    details: t.expose('details', {
      type: 'JSONObject',
      description:
        'Names, scopes, expiry; of a refused attempt, `suppressed`: how many more like it had no event of their own. Never a secret, a message’s text or a metadata value.',
    }),
  }),
})

const AuditEventConnection = connectionType(AuditEvent, { name: 'AuditEvent', of: 'the audit log' })

const AuditEventFilter = builder.inputType('AuditEventFilter', {
  description: 'Which events: all that is given must hold. Absent: no condition; an empty list: none fits.',
  fields: (t) => ({
    actions: t.field({ type: [AuditAction], required: false, description: 'With one of these actions.' }),
    actorIds: t.idList({
      required: false,
      description: 'By one of these keys, `key_…`, or issuers, `issuer_…`, or a token of theirs.',
    }),
    tenantIds: t.idList({ required: false, description: 'About one of these tenants.' }),
    outcomes: t.field({ type: [AuditOutcome], required: false, description: 'With one of these outcomes.' }),
    at: t.field({ type: TimeRange, required: false, description: 'Within this time.' }),
  }),
})

builder.queryField('auditEvents', (t) =>
  t.field({
    type: AuditEventConnection,
    description: 'Who did what to which object, when, from where: newest first. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: {
      ...connectionArgs,
      filter: t.arg({ type: AuditEventFilter, required: false, description: 'Which events. Absent: all.' }),
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
  at,
}: typeof AuditEventFilter.$inferInput): Prisma.AuditEventWhereInput {
  return {
    ...(actions ? { action: { in: actions } } : {}),
    ...(actorIds ? { actorId: { in: actorIds } } : {}),
    ...(tenantIds ? { tenantId: { in: tenantIds } } : {}),
    ...(outcomes ? { outcome: { in: outcomes } } : {}),
    at: { ...(at?.from ? { gte: at.from } : {}), ...(at?.to ? { lt: at.to } : {}) },
  }
}

/** Newest first, so what is behind a place is older. The bound on the time alone is what an index starts from. */
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
