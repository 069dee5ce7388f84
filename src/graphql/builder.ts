import SchemaBuilder from '@pothos/core'
import PrismaPlugin from '@pothos/plugin-prisma'
import ScopeAuthPlugin from '@pothos/plugin-scope-auth'
import type { Scope } from '../auth/principal.ts'
import type { Context } from '../context.ts'
import type { PrismaClient } from '../database/generated/client/client.ts'
import type PrismaTypes from '../database/generated/pothos.ts'
import { getDatamodel } from '../database/generated/pothos.ts'
import './known-fields.ts'

export interface SchemaTypes {
  Context: Context
  PrismaTypes: PrismaTypes
  DefaultFieldNullability: false
  AuthScopes: { scope: Scope; anyScope: Scope[]; tenant: boolean; credential: boolean }
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: Date; Output: Date }
    /** Resolvers get the moment: see resolve-dates.ts. */
    DateOrDateTime: { Input: Date; Output: never }
    JSON: { Input: NonNullable<unknown>; Output: unknown }
    JSONObject: { Input: Record<string, unknown>; Output: unknown }
  }
}

export const builder = new SchemaBuilder<SchemaTypes>({
  defaultFieldNullability: false,
  plugins: ['knownFields', ScopeAuthPlugin, PrismaPlugin],
  scopeAuth: {
    // Whether a credential may use a field. Which rows it then sees is not decided here. Each throws its own error.
    authScopes: (context) => ({
      scope: (scope) => context.require(scope),
      anyScope: (scopes) => context.requireAny(scopes),
      tenant: () => context.tenantId !== '',
      credential: () => context.principal !== null,
    }),
    authorizeOnSubscribe: true,
    treatErrorsAsUnauthorized: false,
    runScopesOnType: false,
  },
  prisma: {
    // The operation's transaction. It lacks what a whole client has ($connect, …), which Pothos does not use.
    client: (context) => context.db as PrismaClient,
    dmmf: getDatamodel(),
    onUnusedQuery: process.env['NODE_ENV'] === 'test' ? 'error' : null,
  },
})

/** The schema's types as Pothos completes them, for helpers that take a type of the schema. */
export type Types = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Completed> ? Completed : never

/** Builds the fields of an input type, for helpers that several input types share. */
export type InputFields = PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>

builder.queryType({
  description:
    'Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id.',
})
builder.mutationType({
  description:
    'Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing.',
})
builder.subscriptionType({
  description:
    'Live updates as server-sent events: POST as for a query, with `Accept: text/event-stream`. A stream ends with an error once its credential is no longer accepted. After a dropped connection, subscribe again with the last `lastSequence` or `resumeToken` that you received (`conversationUpdated` sends the current state anyway): nothing is lost. A `resumeToken` is valid for 24 hours.',
})
