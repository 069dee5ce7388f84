import { recordAudit } from '../audit/record-audit.ts'
import { isWebOrigin } from '../config.ts'
import { badInput, limitExceeded, notFound, ParleyError } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { connectionArgs, connectionType, keyset, parsePage, toConnection } from '../graphql/connection.ts'
import { Node } from '../graphql/node.ts'
import { checkLength } from '../input/check-input.ts'
import { LIMITS } from '../input/limits.ts'
import { checkTenantId, TENANT_ID } from '../input/tenant-id.ts'
import { checkTimeZone } from '../input/time-zone.ts'
import { redactionColumns, redactionFields } from './redaction-options.graphql.ts'
import {
  ABANDON_LIMIT,
  ABANDONS,
  abandonColumns,
  derivationColumns,
  Enrichment,
  EnrichmentInput,
} from './tenant-settings.graphql.ts'

const REDACTS =
  'Whether email addresses, payment card numbers, US Social Security numbers and UK National Insurance numbers are redacted from texts before they are stored. Ids, names and metadata are not redacted.'

export const Tenant = builder.prismaObject('Tenant', {
  description: 'A customer of the SaaS product that embeds Parley. No tenant can see the data of another.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Id of the tenant, chosen by the caller at creation. It never changes.' }),
    name: t.exposeString('name', { description: 'Display name.' }),
    timeZone: t.exposeString('timeZone', {
      description:
        'IANA time zone, such as Europe/Berlin, of the days in its analytics and the dates in its filters, unless a query names another.',
    }),
    allowedOrigins: t.exposeStringList('allowedOrigins', {
      description:
        'Web origins, such as https://app.example.com, whose pages may read responses for this tenant (CORS).',
    }),
    enrichment: t.field({
      type: Enrichment,
      description: 'What is derived for its messages if the caller gives no value.',
      resolve: (tenant) => tenant,
    }),
    redactsPersonalData: t.exposeBoolean('redactsPersonalData', { description: REDACTS }),
    abandonAfterMinutes: t.exposeInt('abandonAfterMinutes', { description: ABANDONS }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the tenant was created.' }),
  }),
})

const TenantConnection = connectionType(Tenant, { name: 'Tenant', of: 'tenants' })

builder.queryFields((t) => ({
  tenants: t.field({
    type: TenantConnection,
    nullable: true,
    description: 'All tenants, sorted by id. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: connectionArgs,
    resolve: async (_root, args, context) => {
      const page = parsePage(args, 'TENANTS', TENANT_ID)
      const rows = await context.account.tenant.findMany(keyset(page, 'id', 'id'))
      return toConnection(
        page,
        rows,
        (row) => ['TENANTS', 0, row.id],
        () => context.account.tenant.count(),
      )
    },
  }),
  tenant: t.prismaField({
    type: 'Tenant',
    nullable: true,
    description:
      'One tenant, or null if it does not exist. Needs the scope ADMIN. (Other credentials read their own tenant with `viewer { tenant }`.)',
    authScopes: { scope: 'ADMIN' },
    args: { id: t.arg.id({ required: true, description: 'Id of the tenant.' }) },
    resolve: (query, _root, { id }, context) => context.account.tenant.findUnique({ ...query, where: { id } }),
  }),
}))

const ORIGINS =
  'Up to 20 exact web origins, such as https://app.example.com, whose pages may read responses for this tenant (CORS).'

const CreateTenantInput = builder.inputType('CreateTenantInput', {
  description: 'The tenant to create.',
  fields: (t) => ({
    id: t.id({
      required: true,
      description: 'Id of the tenant: 1 to 64 visible ASCII characters without spaces. It never changes.',
    }),
    name: t.string({ required: true, description: 'Display name, up to 256 characters.' }),
    timeZone: t.string({
      required: true,
      defaultValue: 'UTC',
      description:
        'IANA time zone of the days in its analytics and of the dates in its filters, such as Europe/Berlin.',
    }),
    allowedOrigins: t.stringList({ required: true, defaultValue: [], description: ORIGINS }),
    enrichment: t.field({
      type: EnrichmentInput,
      required: false,
      description: 'What to derive for its messages if the caller gives no value. Default: everything.',
    }),
    redactsPersonalData: t.boolean({ required: false, description: `${REDACTS} Default: true.` }),
    ...redactionFields(t, { isNew: true }),
    abandonAfterMinutes: t.int({ required: false, description: `${ABANDONS} Default: 0. ${ABANDON_LIMIT}` }),
  }),
})

const UpdateTenantInput = builder.inputType('UpdateTenantInput', {
  description: 'The tenant to update, and its new values. Absent or null fields keep their value.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Id of the tenant.' }),
    name: t.string({ required: false, description: 'Display name, up to 256 characters.' }),
    timeZone: t.string({
      required: false,
      description:
        'IANA time zone of the days in its analytics and of the dates in its filters, such as Europe/Berlin.',
    }),
    allowedOrigins: t.stringList({ required: false, description: `${ORIGINS} Replaces the whole list.` }),
    enrichment: t.field({
      type: EnrichmentInput,
      required: false,
      description: 'What to derive for messages from now on, if the caller gives no value.',
    }),
    redactsPersonalData: t.boolean({ required: false, description: `${REDACTS} Applies from now on.` }),
    ...redactionFields(t, { isNew: false }),
    abandonAfterMinutes: t.int({ required: false, description: `${ABANDONS} ${ABANDON_LIMIT}` }),
  }),
})

const CreateTenantPayload = builder.objectRef<{ tenantId: string; created: boolean }>('CreateTenantPayload').implement({
  description: 'Result of `createTenant`.',
  fields: (t) => ({
    tenant: t.prismaField({
      type: 'Tenant',
      description: 'The tenant.',
      resolve: (query, { tenantId }, _args, context) =>
        context.account.tenant.findUniqueOrThrow({ ...query, where: { id: tenantId } }),
    }),
    created: t.exposeBoolean('created', {
      description: 'Whether the tenant was created. False if it already existed with the same name.',
    }),
  }),
})

const UpdateTenantPayload = builder.objectRef<{ tenantId: string }>('UpdateTenantPayload').implement({
  description: 'Result of `updateTenant`.',
  fields: (t) => ({
    tenant: t.prismaField({
      type: 'Tenant',
      description: 'The updated tenant.',
      resolve: (query, { tenantId }, _args, context) =>
        context.account.tenant.findUniqueOrThrow({ ...query, where: { id: tenantId } }),
    }),
  }),
})

builder.mutationFields((t) => ({
  createTenant: t.field({
    type: CreateTenantPayload,
    description:
      'Creates a tenant, or returns the existing one with the same id and name, unchanged. Fails with EXTERNAL_ID_TAKEN if the id exists with a different name. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: { input: t.arg({ type: CreateTenantInput, required: true, description: 'The tenant to create.' }) },
    resolve: async (_root, { input }, context) => {
      checkTenantId(input.id, ['input', 'id'])
      const settings = {
        name: checkName(input.name),
        timeZone: checkTimeZone(input.timeZone, ['input', 'timeZone']),
        allowedOrigins: checkOrigins(input.allowedOrigins),
        ...derivationColumns(input),
        ...abandonColumns(input),
      }
      const redaction = await redactionColumns(input)
      const data = { id: input.id, ...settings, ...redaction.columns }
      const { count } = await context.account.tenant.createMany({ data: [data], skipDuplicates: true })
      if (count === 0) {
        const existing = await context.account.tenant.findUniqueOrThrow({ where: { id: data.id } })
        if (existing.name !== data.name) {
          throw new ParleyError('EXTERNAL_ID_TAKEN', `input.id: a tenant "${data.id}" exists with a different name.`, {
            inputPath: 'input.id',
          })
        }
      } else {
        const details = { ...settings, ...redaction.details }
        await recordAudit(context, { action: 'TENANT_CREATED', ...tenantObject(data.id), details })
      }
      return { tenantId: data.id, created: count === 1 }
    },
  }),
  updateTenant: t.field({
    type: UpdateTenantPayload,
    description: 'Updates the name, time zone or settings of a tenant. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    args: {
      input: t.arg({
        type: UpdateTenantInput,
        required: true,
        description: 'The tenant to update, and its new values.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const where = { id: input.id }
      if (!(await context.account.tenant.findUnique({ where }))) throw notFound('tenant', ['input', 'id'])
      const changes = {
        ...(input.name == null ? {} : { name: checkName(input.name) }),
        ...(input.timeZone == null ? {} : { timeZone: checkTimeZone(input.timeZone, ['input', 'timeZone']) }),
        ...(input.allowedOrigins == null ? {} : { allowedOrigins: checkOrigins(input.allowedOrigins) }),
        ...derivationColumns(input),
        ...abandonColumns(input),
      }
      const redaction = await redactionColumns(input)
      const data = { ...changes, ...redaction.columns }
      if (Object.keys(data).length > 0) {
        await context.account.tenant.updateMany({ where, data })
        const details = { ...changes, ...redaction.details }
        await recordAudit(context, { action: 'TENANT_UPDATED', ...tenantObject(input.id), details })
      }
      return { tenantId: input.id }
    },
  }),
}))

/** A tenant as the audit log names it. */
const tenantObject = (id: string) => ({ tenantId: id, objectType: 'TENANT', objectId: id }) as const

function checkName(name: string): string {
  if (name.trim() === '') throw badInput(['input', 'name'], 'must not be empty.')
  checkLength(name, LIMITS.name, ['input', 'name'])
  return name
}

function checkOrigins(origins: readonly string[]): string[] {
  const path = ['input', 'allowedOrigins']
  if (origins.length > LIMITS.allowedOrigins) {
    throw limitExceeded(
      path,
      `has ${origins.length} entries; at most ${LIMITS.allowedOrigins} are accepted.`,
      LIMITS.allowedOrigins,
    )
  }
  for (const [index, origin] of origins.entries()) {
    checkLength(origin, LIMITS.name, [...path, index])
    if (!isWebOrigin(origin)) {
      throw badInput([...path, index], 'must be the exact origin of a web page, such as https://app.example.com.')
    }
  }
  return [...new Set(origins)]
}
