import { queryFromInfo } from '@pothos/plugin-prisma'
import type { GraphQLResolveInfo } from 'graphql'
import { Agent } from '../agents/agent.graphql.ts'
import { loadEndUsers } from '../analytics/end-user.graphql.ts'
import { AuditEvent } from '../audit/audit.graphql.ts'
import type { Context } from '../context.ts'
import { Conversation } from '../conversations/conversation.graphql.ts'
import { ApiKey } from '../credentials/api-key.graphql.ts'
import { TokenIssuer } from '../credentials/token-issuer.graphql.ts'
import type { Prisma } from '../database/generated/client/client.ts'
import { badInput } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { Node } from '../graphql/node.ts'
import { type ReadingRows, type ReadsRows, readsRows } from '../graphql/read-extensions.ts'
import type { InputLimits } from '../graphql/read-limits.ts'
import { asRow } from '../graphql/rows.ts'
import { decodeAnyId, decodeEndUserId, type IdType } from '../input/ids.ts'
import { TENANT_ID } from '../input/tenant-id.ts'
import { ChatMessage } from '../messages/chat-message.graphql.ts'
import { ConversationEvent, ToolCall } from '../messages/message.graphql.ts'
import { loadRows } from '../rows/load-rows.ts'
import { type Row, UnsupportedValue } from '../rows/row-tree.ts'
import { Tenant } from '../tenants/tenant.graphql.ts'
import { type NodeModel, nodeRows } from './node-rows.sql.ts'

interface Found {
  id: string
}

/**
 * An end user's id has the caller's text for it. A tenant's id is the caller's text, and any text that is no id of
 * another type.
 */
type NodeType = IdType | 'EndUser' | 'Tenant'

type Load = (type: NodeType, ids: string[]) => Promise<Found[]>

const MESSAGE_TYPES = { CHAT: ChatMessage, TOOL: ToolCall, EVENT: ConversationEvent } as const

/** Columns that a node's type and place are known by. */
const COLUMNS: Record<NodeModel, readonly string[]> = {
  Agent: ['id'],
  Conversation: ['id'],
  Message: ['id', 'kind'],
}

const isOfTenant = (type: NodeType): type is NodeModel => type in COLUMNS

/** A row as an object of its type. */
function branded(model: NodeModel, row: Row): Found {
  if (model === 'Agent') return Agent.addBrand(asRow(row))
  if (model === 'Conversation') return Conversation.addBrand(asRow(row))
  return MESSAGE_TYPES[row['kind'] as keyof typeof MESSAGE_TYPES].addBrand(asRow(row))
}

/** Loads the objects of one type with these ids in one statement, with the scope that the type's own query needs. */
const loadFor =
  (context: Context, rows: (model: NodeModel, page: Prisma.Sql) => Promise<Row[]>): Load =>
  async (type, uuids) => {
    if (type === 'EndUser') return loadEndUsers(context, uuids)
    if (!isOfTenant(type)) return loadOfAccount(type, uuids, context)
    context.require('CONVERSATIONS_READ')
    return (await rows(type, nodeRows(type, uuids, context))).map((row) => branded(type, row))
  }

async function loadOfAccount(
  type: Exclude<NodeType, NodeModel | 'EndUser'>,
  ids: string[],
  context: Context,
): Promise<Found[]> {
  const where = { id: { in: ids } }
  switch (type) {
    case 'Tenant': {
      // Others than administrators see their own.
      const isAdmin = context.has('ADMIN')
      if (!isAdmin && context.tenantIdOrNull === null) return []
      const rows = await (isAdmin ? context.account : context.db).tenant.findMany({ where })
      return rows.map((row) => Tenant.addBrand(row))
    }
    case 'ApiKey':
      return (await context.account.apiKey.findMany({ where })).map((row) => ApiKey.addBrand(row))
    case 'AuditEvent':
      return (await context.account.auditEvent.findMany({ where })).map((row) => AuditEvent.addBrand(row))
    case 'TokenIssuer':
      return (await context.account.tokenIssuer.findMany({ where })).map((row) => TokenIssuer.addBrand(row))
  }
}

function decodeNodeId(id: string): { type: NodeType; uuid: string } | null {
  const decoded = decodeAnyId(id)
  if (decoded) return decoded
  const endUserId = decodeEndUserId(id)
  if (endUserId !== null) return { type: 'EndUser', uuid: endUserId }
  return TENANT_ID.test(id) ? { type: 'Tenant', uuid: id } : null
}

/** The objects with these ids, in the same order; null for each that does not exist. */
function loadNodes(ids: readonly string[], load: Load): Promise<Found | null>[] {
  const decoded = ids.map(decodeNodeId)
  const ofType = Map.groupBy(
    decoded.flatMap((id) => id ?? []),
    ({ type }) => type,
  )
  const rows = new Map(
    [...ofType].map(([type, named]) => {
      const read = load(type, [...new Set(named.map(({ uuid }) => uuid))])
      return [type, read.then((found) => new Map(found.map((row) => [row.id, row])))]
    }),
  )
  // A promise for each, so that an object that may not be read is an error of its own.
  return decoded.map(async (id) => (id && (await rows.get(id.type))?.get(id.uuid)) ?? null)
}

const resolveNodes = (ids: readonly string[], context: Context, info: GraphQLResolveInfo) =>
  loadNodes(
    ids,
    loadFor(context, (model, page) => {
      // Messages are of several types, of which Pothos knows no common selection.
      const query = model === 'Message' ? null : queryFromInfo({ context, info, typeName: model })
      return loadRows(model, page, context, query, COLUMNS[model])
    }),
  )

/** The same, on the compiled path. */
function readNodes(ids: readonly string[], context: Context, { rows }: ReadingRows) {
  const load = loadFor(context, (model, page) => rows(page, COLUMNS[model], model))
  return Promise.all(
    loadNodes(ids, async (type, uuids) => {
      if (!isOfTenant(type)) throw new UnsupportedValue(`${type} has no rows of its own, or they are the account’s`)
      return load(type, uuids)
    }),
  )
}

const READS = { models: Object.keys(COLUMNS) } satisfies Partial<ReadsRows>

const MAX_NODES = 100

function checked(ids: readonly string[]): readonly string[] {
  if (ids.length > MAX_NODES) throw badInput(['ids'], `has ${ids.length} entries; at most ${MAX_NODES} are accepted.`)
  return ids
}

builder.queryFields((t) => ({
  node: t.field({
    type: Node,
    nullable: true,
    description:
      'An object by its id. Null if it does not exist. Your own tenant needs no scope, and any other is null without ADMIN. `key_…`, `issuer_…` and `audit_…` need the scope ADMIN, `user_…` ANALYTICS_READ or CONVERSATIONS_READ, and all others CONVERSATIONS_READ.',
    authScopes: { credential: true },
    args: {
      id: t.arg.id({
        required: true,
        description:
          'Id of the object: `conv_…`, `msg_…`, `agent_…`, `user_…`, `key_…`, `issuer_…`, `audit_…`, or the id of a tenant.',
      }),
    },
    resolve: readsRows(
      {
        ...READS,
        findsByKey: true,
        read: async ({ id }: { id: string }, context, reading) => (await readNodes([id], context, reading))[0],
      },
      (_root: object, { id }: { id: string }, context: Context, info: GraphQLResolveInfo) =>
        resolveNodes([id], context, info)[0] ?? null,
    ),
  }),
  nodes: t.field({
    type: [Node],
    nullable: { list: true, items: true },
    description:
      'Several objects by their ids, in the same order. Null for each that does not exist or, with an error, that the credential may not read. Needs the same scopes as `node`.',
    authScopes: { credential: true },
    args: {
      ids: t.arg.idList({
        required: true,
        description: `Ids of the objects, at most ${MAX_NODES}.`,
        extensions: { hasOwnLimit: true } satisfies InputLimits,
      }),
    },
    resolve: readsRows(
      {
        ...READS,
        readsSeveralPages: true,
        read: ({ ids }: { ids: string[] }, context, reading) => readNodes(checked(ids), context, reading),
      },
      (_root: object, { ids }: { ids: string[] }, context: Context, info: GraphQLResolveInfo) =>
        resolveNodes(checked(ids), context, info),
    ),
  }),
}))
