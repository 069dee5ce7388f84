import { recordAudit } from '../audit/record-audit.ts'
import { DEFAULT_EMBED_SCOPES } from '../auth/embed-token.ts'
import type { TokenDocuments as Documents, Scope as ScopeName } from '../auth/principal.ts'
import { MAX_TOKEN_SECONDS } from '../auth/signing-keys.ts'
import { notConfigured } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { AgentBy } from '../graphql/look-ups.ts'
import { type CreatedEmbedToken, createEmbedToken, MIN_TOKEN_SECONDS, revokeEmbedTokens } from './embed-tokens.ts'
import { Scope } from './scope.graphql.ts'
import { TokenDocuments } from './token-documents.graphql.ts'

const DEFAULT_INPUT: { expiresInSeconds: number; scopes: ScopeName[]; documents: Documents } = {
  expiresInSeconds: 3_600,
  scopes: [...DEFAULT_EMBED_SCOPES],
  documents: 'ANY',
}

const CreateEmbedTokenInput = builder.inputType('CreateEmbedTokenInput', {
  description:
    'The embed token to create for a browser. All of its restrictions apply together. A restriction that makes the token longer than 8,192 characters is refused.',
  fields: (t) => ({
    expiresInSeconds: t.int({
      required: true,
      defaultValue: DEFAULT_INPUT.expiresInSeconds,
      description: `Lifetime in seconds, ${MIN_TOKEN_SECONDS} to ${MAX_TOKEN_SECONDS}. Refused if the token would outlive your key.`,
    }),
    scopes: t.field({
      type: [Scope],
      required: true,
      defaultValue: DEFAULT_INPUT.scopes,
      description:
        'What the token may do: at least one of ANALYTICS_READ, CONVERSATIONS_READ and INTERNALS_READ, and none that your key lacks.',
    }),
    agents: t.field({
      type: [AgentBy],
      required: false,
      description:
        'Restricts the token to conversations with at least one of these agents, up to 50. An empty list matches none. Default: no restriction.',
    }),
    endUserIds: t.stringList({
      required: false,
      description:
        'Restricts the token to conversations of these end users, by `endUserId`: up to 50, each of 1 to 256 characters. An empty list matches none. Default: no restriction.',
    }),
    metadata: t.field({
      type: 'JSONObject',
      required: false,
      description:
        'Restricts the token to conversations with all of these metadata values, such as `{"customer_id": "42"}`: 1 to 10 top-level keys, each with a string of fewer than 128 characters, a number, a boolean or null. Default: no restriction.',
    }),
    documents: t.field({
      type: TokenDocuments,
      required: true,
      defaultValue: DEFAULT_INPUT.documents,
      description: 'Which documents the token may send.',
    }),
    subject: t.string({
      required: false,
      description:
        'Who the token is for, such as one of your users, up to 256 characters; returned by `viewer` and counted by rate limits. Default: nobody in particular.',
    }),
  }),
})

const CreateEmbedTokenPayload = builder.objectRef<CreatedEmbedToken>('CreateEmbedTokenPayload').implement({
  description: 'Result of `createEmbedToken`.',
  fields: (t) => ({
    token: t.exposeString('token', {
      description:
        'The token, a JWT, which the page sends as `Authorization: Bearer …` without the header X-Tenant-Id.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When the token expires.' }),
    expiresInSeconds: t.exposeInt('expiresInSeconds', {
      description: 'The same in seconds from now, for browsers whose clock is wrong.',
    }),
  }),
})

const RevokeEmbedTokensPayload = builder.objectRef<{ tenantId: string }>('RevokeEmbedTokensPayload').implement({
  description: 'Result of `revokeEmbedTokens`.',
  fields: (t) => ({
    tenant: t.prismaField({
      type: 'Tenant',
      description: 'The tenant whose tokens were revoked.',
      resolve: (query, { tenantId }, _args, context) =>
        context.db.tenant.findUniqueOrThrow({ ...query, where: { id: tenantId } }),
    }),
  }),
})

const RotateSigningKeyPayload = builder.objectRef<{ keyId: string }>('RotateSigningKeyPayload').implement({
  description: 'Result of `rotateSigningKey`.',
  fields: (t) => ({
    keyId: t.exposeString('keyId', { description: 'The `kid` of the new signing key.' }),
  }),
})

const metadataKey = (key: string) => `metadata.${key}`

const MAKE_TOKENS = { $all: { scope: 'EMBED_TOKENS_CREATE', tenant: true } } as const

builder.mutationFields((t) => ({
  createEmbedToken: t.field({
    type: CreateEmbedTokenPayload,
    description:
      'Creates an embed token: a short-lived, read-only token of the tenant for a browser. It is refused before it expires once the key or secret that created it is no longer accepted, or after `revokeEmbedTokens`. Needs the scope EMBED_TOKENS_CREATE.',
    authScopes: MAKE_TOKENS,
    args: {
      input: t.arg({
        type: CreateEmbedTokenInput,
        required: true,
        defaultValue: DEFAULT_INPUT,
        description: 'The token to create.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const created = await createEmbedToken(context, input)
      await recordAudit(context, {
        action: 'EMBED_TOKEN_CREATED',
        tenantId: context.tenantId,
        objectType: 'EMBED_TOKEN',
        details: {
          scopes: input.scopes,
          expiresAt: created.expiresAt.toISOString(),
          subject: input.subject ?? null,
          // What restricts the token, without the values.
          restrictedBy: [
            ...(input.agents ? ['agents'] : []),
            ...(input.endUserIds ? ['endUserIds'] : []),
            ...Object.keys(input.metadata ?? {}).map(metadataKey),
            ...(input.documents === 'ANY' ? [] : ['documents']),
          ],
        },
        token: created,
      })
      return created
    },
  }),
  revokeEmbedTokens: t.field({
    type: RevokeEmbedTokensPayload,
    description:
      'Revokes all tokens of the tenant that were issued before now, including those of token issuers. Takes effect from the next request on. Needs the scope EMBED_TOKENS_CREATE.',
    authScopes: MAKE_TOKENS,
    resolve: async (_root, _args, context) => {
      await revokeEmbedTokens(context.db, context.tenantId, context.now)
      context.endsCredentials = true
      await recordAudit(context, {
        action: 'EMBED_TOKENS_REVOKED',
        tenantId: context.tenantId,
        objectType: 'EMBED_TOKEN',
      })
      return { tenantId: context.tenantId }
    },
  }),
  rotateSigningKey: t.field({
    type: RotateSigningKeyPayload,
    description:
      'Creates a new key for signing embed tokens. Tokens signed with the previous one are accepted until they expire. Needs the scope ADMIN.',
    authScopes: { scope: 'ADMIN' },
    resolve: async (_root, _args, context) => {
      const keyId = await context.signingKeys.rotate(context.account, context.now)
      if (keyId === null) throw notConfigured('SIGNING_KEY_SECRET')
      await recordAudit(context, {
        action: 'SIGNING_KEY_ROTATED',
        tenantId: null,
        objectType: 'SIGNING_KEY',
        objectId: keyId,
      })
      return { keyId }
    },
  }),
}))
