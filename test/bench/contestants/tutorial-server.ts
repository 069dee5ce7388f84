import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import SchemaBuilder from '@pothos/core'
import PrismaPlugin from '@pothos/plugin-prisma'
import RelayPlugin from '@pothos/plugin-relay'
import { PrismaPg } from '@prisma/adapter-pg'
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars'
import { createYoga } from 'graphql-yoga'
import { PrismaClient } from '../../../src/database/generated/client/client.ts'
import type PrismaTypes from '../../../src/database/generated/pothos.ts'
import { getDatamodel } from '../../../src/database/generated/pothos.ts'

/**
 * The way that Pothos' and Prisma's own pages show: one client, `prismaConnection` and `relatedConnection`, a nested
 * create. No wall: it is one forgotten `where` away from another tenant's rows.
 */
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL'] ?? '' }) })

const builder = new SchemaBuilder<{
  Context: { tenantId: string }
  PrismaTypes: PrismaTypes
  Scalars: {
    DateTime: { Input: Date; Output: Date }
    JSON: { Input: NonNullable<unknown>; Output: unknown }
  }
}>({
  plugins: [PrismaPlugin, RelayPlugin],
  prisma: { client: prisma, dmmf: getDatamodel() },
  relay: {},
  // Not used here: the type asks for it, since the plugin is loaded elsewhere in the project.
  scopeAuth: { authScopes: () => ({}) },
})
builder.addScalarType('DateTime', GraphQLDateTime)
builder.addScalarType('JSON', GraphQLJSON)

builder.prismaObject('Message', {
  fields: (t) => ({
    kind: t.exposeString('kind'),
    sequence: t.exposeInt('sequence'),
    timestamp: t.expose('timestamp', { type: 'DateTime' }),
    role: t.exposeString('role', { nullable: true }),
    content: t.exposeString('content', { nullable: true }),
    name: t.exposeString('name', { nullable: true }),
    output: t.expose('output', { type: 'JSON', nullable: true }),
  }),
})

builder.prismaObject('Conversation', {
  fields: (t) => ({
    id: t.exposeID('id'),
    externalId: t.exposeString('externalId', { nullable: true }),
    status: t.exposeString('status'),
    startedAt: t.expose('startedAt', { type: 'DateTime' }),
    metadata: t.expose('metadata', { type: 'JSON' }),
    messages: t.relatedConnection('messages', {
      cursor: 'tenantId_conversationId_sequence',
      query: { orderBy: { sequence: 'asc' } },
    }),
  }),
})

builder.queryType({
  fields: (t) => ({
    conversation: t.prismaField({
      type: 'Conversation',
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: (query, _root, { id }, { tenantId }) =>
        prisma.conversation.findUnique({ ...query, where: { tenantId_id: { tenantId, id } } }),
    }),
    conversations: t.prismaConnection({
      type: 'Conversation',
      cursor: 'tenantId_id',
      // Through the table that holds metadata's values: that has an index, and a filter on the JSON none.
      args: { metadataPath: t.arg.string(), metadataValue: t.arg.string() },
      resolve: (query, _root, { metadataPath: path, metadataValue: value }, { tenantId }) =>
        prisma.conversation.findMany({
          ...query,
          where: { tenantId, ...(path && value ? { metadataEntries: { some: { path, value } } } : {}) },
          orderBy: [{ startedAt: 'desc' }, { id: 'desc' }],
        }),
    }),
  }),
})

const yoga = createYoga({
  schema: builder.toSchema(),
  context: ({ request }) => ({ tenantId: request.headers.get('x-tenant-id') ?? '' }),
  graphiql: false,
  logging: 'error',
})
const server = createServer(yoga).listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` }))
})
