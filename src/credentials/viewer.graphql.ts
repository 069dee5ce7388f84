import type { Principal } from '../auth/principal.ts'
import { builder } from '../graphql/builder.ts'
import { encodeCredentialId } from '../input/ids.ts'
import { Scope } from './scope.graphql.ts'

const CredentialKind = builder.enumType('CredentialKind', {
  description: 'What a request was authenticated with.',
  values: {
    ACCOUNT_KEY: { description: 'An API key of the account; names a tenant per request with X-Tenant-Id.' },
    TENANT_KEY: { description: 'An API key of one tenant.' },
    EMBED_TOKEN: { description: 'A short-lived token of one tenant, for a browser.' },
    FOREIGN_TOKEN: { description: 'The same, signed by a registered token issuer.' },
  } as const,
})

const Viewer = builder.objectRef<Principal>('Viewer').implement({
  description: 'Who asks: the credential of this request, and the tenant it reads and writes.',
  fields: (t) => ({
    kind: t.expose('kind', { type: CredentialKind, description: 'What kind of credential it is.' }),
    id: t.id({
      description: 'The id of the API key, or of the issuer that signed the token.',
      resolve: encodeCredentialId,
    }),
    name: t.exposeString('name', { description: 'The name of the API key, or whom the token is for.' }),
    scopes: t.field({ type: [Scope], description: 'What it may do.', resolve: (principal) => [...principal.scopes] }),
    tenant: t.prismaField({
      type: 'Tenant',
      nullable: true,
      description: 'The tenant of this request. Null for an account key that names none.',
      resolve: (query, _principal, _args, context) =>
        context.tenantIdOrNull === null
          ? null
          : context.db.tenant.findUnique({ ...query, where: { id: context.tenantIdOrNull } }),
    }),
  }),
})

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    description: 'The credential of this request. Any credential may ask.',
    authScopes: { credential: true },
    resolve: (_root, _args, context) => context.principal,
  }),
)
