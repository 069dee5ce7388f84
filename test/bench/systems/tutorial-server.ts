import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import SchemaBuilder from '@pothos/core'
import PrismaPlugin from '@pothos/plugin-prisma'
import RelayPlugin from '@pothos/plugin-relay'
import { PrismaPg } from '@prisma/adapter-pg'
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars'
import { createYoga } from 'graphql-yoga'
import { PrismaClient } from '../../../src/database/generated/client/client.ts'
import * as enums from '../../../src/database/generated/client/enums.ts'
import type PrismaTypes from '../../../src/database/generated/pothos.ts'
import { getDatamodel } from '../../../src/database/generated/pothos.ts'
import { newUuid } from '../../../src/input/ids.ts'
import { keptBeside } from './written.ts'

/**
 * The way that Pothos' and Prisma's own pages show: one client, `prismaConnection` and `relatedConnection`, a nested
 * create. No wall: it is one forgotten `where` away from another tenant's rows.
 */
const prisma = new PrismaClient({
  adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL'] ?? '' }),
  // By default it gives up on what waits for a connection for two seconds, which many writers at once do.
  transactionOptions: { maxWait: 30_000, timeout: 30_000 },
})

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

const MessageKind = builder.enumType(enums.MessageKind, { name: 'MessageKind' })
const MessageRole = builder.enumType(enums.MessageRole, { name: 'MessageRole' })
const ConversationStatus = builder.enumType(enums.ConversationStatus, { name: 'ConversationStatus' })
const Channel = builder.enumType(enums.Channel, { name: 'Channel' })

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

const MessageInput = builder.inputType('MessageInput', {
  fields: (t) => ({
    kind: t.field({ type: MessageKind, required: true }),
    timestamp: t.field({ type: 'DateTime', required: true }),
    role: t.field({ type: MessageRole }),
    content: t.string(),
    latencyMs: t.float(),
    name: t.string(),
    input: t.field({ type: 'JSON' }),
    output: t.field({ type: 'JSON' }),
  }),
})

const ConversationInput = builder.inputType('ConversationInput', {
  fields: (t) => ({
    externalId: t.string({ required: true }),
    status: t.field({ type: ConversationStatus, required: true }),
    channel: t.field({ type: Channel, required: true }),
    endUserId: t.string({ required: true }),
    model: t.string({ required: true }),
    metadata: t.field({ type: 'JSON', required: true }),
    messages: t.field({ type: [MessageInput], required: true }),
  }),
})

/** As Prisma takes it: absent and null JSON are not the same to it. */
const messageData = ({ input, output, ...message }: typeof MessageInput.$inferInput) => ({
  ...message,
  id: newUuid(),
  ...(input ? { input } : {}),
  ...(output ? { output } : {}),
})

builder.mutationType({
  fields: (t) => ({
    logConversation: t.prismaField({
      type: 'Conversation',
      args: { input: t.arg({ type: ConversationInput, required: true }) },
      resolve: (query, _root, { input: { messages, ...given } }, { tenantId }) => {
        const { entries, ...kept } = keptBeside({ ...given, messages })
        return prisma.conversation.create({
          ...query,
          data: {
            ...{ ...given, ...kept, tenantId, id: newUuid() },
            messages: { create: messages.map((message, sequence) => ({ ...messageData(message), sequence })) },
            metadataEntries: { create: entries },
          },
        })
      },
    }),
    appendMessage: t.prismaField({
      type: 'Message',
      args: {
        conversationId: t.arg.id({ required: true }),
        message: t.arg({ type: MessageInput, required: true }),
      },
      resolve: (query, _root, { conversationId, message }, { tenantId }) =>
        prisma.$transaction(async (tx) => {
          const { messageCount } = await tx.conversation.update({
            where: { tenantId_id: { tenantId, id: conversationId }, status: 'ACTIVE' },
            data: {
              messageCount: { increment: 1 },
              userMessageCount: { increment: 1 },
              lastMessageAt: message.timestamp,
              updatedAt: new Date(),
            },
            select: { messageCount: true },
          })
          const data = { ...messageData(message), tenantId, conversationId, sequence: messageCount - 1 }
          return tx.message.create({ ...query, data })
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
