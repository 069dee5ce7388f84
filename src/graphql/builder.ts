import SchemaBuilder from '@pothos/core'
import PrismaPlugin from '@pothos/plugin-prisma'
import ScopeAuthPlugin from '@pothos/plugin-scope-auth'
import type { Scope } from '../auth/principal.ts'
import type { Context } from '../context.ts'
import type { PrismaClient } from '../database/generated/client/client.ts'
import type PrismaTypes from '../database/generated/pothos.ts'
import { getDatamodel } from '../database/generated/pothos.ts'
import '../execution/known-fields.ts'

export interface SchemaTypes {
  Context: Context
  PrismaTypes: PrismaTypes
  DefaultFieldNullability: false
  AuthScopes: { scope: Scope; anyScope: Scope[]; tenant: boolean; credential: boolean }
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: Date; Output: Date }
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

builder.queryType({ description: 'What can be read. Whose data it is read from is told by the credential alone.' })
builder.mutationType({
  description:
    'What can be written. An operation with several of these is one transaction: all of it is stored, or nothing.',
})
builder.subscriptionType({
  description:
    'What can be followed, as server-sent events: POST as for a query, with `Accept: text/event-stream`. Ends with an error when its credential ends. After a dropped connection, subscribe again from the last position that was told: nothing is lost.',
})
