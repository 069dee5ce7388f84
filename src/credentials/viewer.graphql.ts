import type { Principal } from '../auth/principal.ts'
import { builder } from '../graphql/builder.ts'
import { encodeCredentialId } from '../input/ids.ts'
import { Scope } from './scope.graphql.ts'
import { TokenDocuments } from './token-documents.graphql.ts'

const CredentialKind = builder.enumType('CredentialKind', {
  description: 'What a request was authenticated with.',
  values: {
    ACCOUNT_KEY: {
      description: 'An API key of the account, which names the tenant of each request in the header X-Tenant-Id.',
    },
    TENANT_KEY: { description: 'An API key of one tenant.' },
    EMBED_TOKEN: {
      description: 'An embed token: a short-lived token of one tenant for a browser, created by `createEmbedToken`.',
    },
    ISSUER_TOKEN: { description: 'An issuer token: a JWT signed by a registered token issuer.' },
  } as const,
})

const Viewer = builder.objectRef<Principal>('Viewer').implement({
  description: 'The credential of this request, and the tenant it reads and writes.',
  fields: (t) => ({
    kind: t.expose('kind', { type: CredentialKind, description: 'Kind of credential.' }),
    credentialId: t.id({
      description: 'Id of the API key; for a token, of the key that created it or the issuer that signed it.',
      resolve: encodeCredentialId,
    }),
    name: t.exposeString('name', {
      description:
        'Name of the API key. For a token, its subject or, without one, `embed token` or the name or `iss` of the issuer.',
    }),
    scopes: t.field({ type: [Scope], description: 'What it may do.', resolve: (principal) => [...principal.scopes] }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the credential expires, unless it is ended before. Null if it never expires.',
    }),
    documents: t.expose('documents', { type: TokenDocuments, description: 'Which documents it may send.' }),
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
    description: 'The credential of this request. Available to every credential.',
    authScopes: { credential: true },
    resolve: (_root, _args, context) => context.principal,
  }),
)
