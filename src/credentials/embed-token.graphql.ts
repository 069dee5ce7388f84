import { recordAudit } from '../audit/record-audit.ts'
import { DEFAULT_EMBED_SCOPES } from '../auth/embed-token.ts'
import type { Scope as ScopeName } from '../auth/principal.ts'
import { MAX_TOKEN_SECONDS } from '../auth/signing-keys.ts'
import { notConfigured } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { type CreatedEmbedToken, createEmbedToken, MIN_TOKEN_SECONDS, revokeEmbedTokens } from './embed-tokens.ts'
import { Scope } from './scope.graphql.ts'

const DEFAULT_INPUT: { expiresInSeconds: number; scopes: ScopeName[] } = {
  expiresInSeconds: 3_600,
  scopes: [...DEFAULT_EMBED_SCOPES],
}

const CreateEmbedTokenInput = builder.inputType('CreateEmbedTokenInput', {
  description: 'A token to make for a browser.',
  fields: (t) => ({
    expiresInSeconds: t.int({
      required: true,
      defaultValue: DEFAULT_INPUT.expiresInSeconds,
      description: `How long it is taken: ${MIN_TOKEN_SECONDS} to ${MAX_TOKEN_SECONDS} seconds, never longer than your key.`,
    }),
    scopes: t.field({
      type: [Scope],
      required: true,
      defaultValue: DEFAULT_INPUT.scopes,
      description: 'What it may do: ANALYTICS_READ, CONVERSATIONS_READ, INTERNALS_READ, and none that your key lacks.',
    }),
    agentIds: t.idList({
      required: false,
      description: 'Locks it to conversations with at least one of these agents, `agent_…`; up to 50.',
    }),
    metadata: t.field({
      type: 'JSONObject',
      required: false,
      description:
        'Locks it to conversations with these metadata values, such as `{"customer_id": "42"}`: top-level keys, up to 10; strings, numbers, booleans or null.',
    }),
    subject: t.string({ required: false, description: 'Whom it is for, such as a user of yours; shown by `viewer`.' }),
  }),
})

const CreateEmbedTokenPayload = builder.objectRef<CreatedEmbedToken>('CreateEmbedTokenPayload').implement({
  description: 'The answer of `createEmbedToken`.',
  fields: (t) => ({
    token: t.exposeString('token', { description: 'A JWT: the page sends it as `Authorization: Bearer …`.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when it is taken.' }),
  }),
})

const RevokeEmbedTokensPayload = builder.objectRef<{ tenantId: string }>('RevokeEmbedTokensPayload').implement({
  description: 'The answer of `revokeEmbedTokens`.',
  fields: (t) => ({
    tenant: t.prismaField({
      type: 'Tenant',
      description: 'The tenant whose tokens ended.',
      resolve: (query, { tenantId }, _args, context) =>
        context.db.tenant.findUniqueOrThrow({ ...query, where: { id: tenantId } }),
    }),
  }),
})

const RotateSigningKeyPayload = builder.objectRef<{ keyId: string }>('RotateSigningKeyPayload').implement({
  description: 'The answer of `rotateSigningKey`.',
  fields: (t) => ({
    keyId: t.exposeString('keyId', { description: 'The `kid` of the key that signs from now on.' }),
  }),
})

const metadataKey = (key: string) => `metadata.${key}`

const MAKE_TOKENS = { $all: { scope: 'EMBED_TOKENS_CREATE', tenant: true } } as const

builder.mutationFields((t) => ({
  createEmbedToken: t.field({
    type: CreateEmbedTokenPayload,
    description:
      'Makes a short-lived token of the tenant for a browser. It also ends when the key that made it ends, when the secret it was made with does, or by `revokeEmbedTokens`. Needs the scope EMBED_TOKENS_CREATE.',
    authScopes: MAKE_TOKENS,
    args: {
      input: t.arg({
        type: CreateEmbedTokenInput,
        required: true,
        defaultValue: DEFAULT_INPUT,
        description: 'The token.',
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
          // By what it is restricted, and not to which values.
          lockedBy: [...(input.agentIds ? ['agentIds'] : []), ...Object.keys(input.metadata ?? {}).map(metadataKey)],
        },
      })
      return created
    },
  }),
  revokeEmbedTokens: t.field({
    type: RevokeEmbedTokensPayload,
    description:
      'Ends every token of the tenant made before now, from the next request on. Needs the scope EMBED_TOKENS_CREATE.',
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
      'Makes a new key that tokens are signed with; tokens of the one before are taken until they expire. Needs the scope ADMIN.',
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
