import { throughPrisma } from '../database/sql-transactions.ts'
import { loaderFor } from '../graphql/batch-loader.ts'
import { builder } from '../graphql/builder.ts'
import { encodeId } from '../input/ids.ts'
import { countOwnLiveTokens, type LiveTokens, listLiveTokens } from './live-tokens.sql.ts'

/** How many there are of each key, or of each tenant. */
function sumBy(column: 'keyId' | 'tenantId', rows: readonly LiveTokens[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const row of rows) sums.set(row[column], (sums.get(row[column]) ?? 0) + row.liveCount)
  return sums
}

const countOfKey = loaderFor(
  async ({ account, now }, keyIds) => sumBy('keyId', await listLiveTokens(throughPrisma(account), now, { keyIds })),
  { isKept: false },
)

const countOfTenant = loaderFor(
  async (context, tenantIds) => {
    const { now } = context
    if (context.has('ADMIN')) {
      return sumBy('tenantId', await listLiveTokens(throughPrisma(context.account), now, { tenantIds }))
    }
    // Anybody else reaches only one tenant, and the function counts those of the transaction's.
    return new Map([[context.tenantId, await countOwnLiveTokens(throughPrisma(context.db), now)]])
  },
  { isKept: false },
)

builder.prismaObjectField('ApiKey', 'liveTokenCount', (t) =>
  t.int({
    description:
      'How many embed tokens that the key created are accepted now. They end with the key, and those created with its previous secret end with that.',
    resolve: async ({ id }, _args, context) => (await countOfKey(context, encodeId('ApiKey', id))) ?? 0,
  }),
)

builder.prismaObjectField('Tenant', 'liveTokenCount', (t) =>
  t.int({
    nullable: true,
    description:
      'How many embed tokens of the tenant are accepted now: `revokeEmbedTokens` ends them. Tokens of issuers are not counted, because Parley does not create them. Needs the scope EMBED_TOKENS_CREATE.',
    authScopes: { scope: 'EMBED_TOKENS_CREATE' },
    resolve: async ({ id }, _args, context) => (await countOfTenant(context, id)) ?? 0,
  }),
)
