import type { Context } from '../context.ts'
import { throughPrisma } from '../database/sql-transactions.ts'
import { loaderFor } from '../graphql/batch-loader.ts'
import { builder } from '../graphql/builder.ts'
import { encodeId } from '../input/ids.ts'
import { countOwnLiveTokens, type LiveTokens, listLiveTokens } from './live-tokens.sql.ts'

type Counts = Pick<LiveTokens, 'liveCount' | 'previousSecretCount'>

const NONE: Counts = { liveCount: 0, previousSecretCount: 0 }

/** How many there are of each key, or of each tenant. */
function sumBy(column: 'keyId' | 'tenantId', rows: readonly LiveTokens[]): Map<string, Counts> {
  const sums = new Map<string, Counts>()
  for (const row of rows) {
    const { liveCount, previousSecretCount } = sums.get(row[column]) ?? NONE
    sums.set(row[column], {
      liveCount: liveCount + row.liveCount,
      previousSecretCount: previousSecretCount + row.previousSecretCount,
    })
  }
  return sums
}

const loadCountsOfKey = loaderFor(
  async ({ account, now }, keyIds) => sumBy('keyId', await listLiveTokens(throughPrisma(account), now, { keyIds })),
  { isKept: false },
)
const countsOfKey = async (context: Context, id: string) =>
  (await loadCountsOfKey(context, encodeId('ApiKey', id))) ?? NONE

const countOfTenant = loaderFor(
  async (context, tenantIds) => {
    const { now } = context
    if (context.has('ADMIN')) {
      const counts = sumBy('tenantId', await listLiveTokens(throughPrisma(context.account), now, { tenantIds }))
      return new Map(Array.from(counts, ([tenantId, { liveCount }]) => [tenantId, liveCount]))
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
    resolve: async ({ id }, _args, context) => (await countsOfKey(context, id)).liveCount,
  }),
)

builder.prismaObjectField('ApiKey', 'previousSecretLiveTokenCount', (t) =>
  t.int({
    description:
      'How many of the tokens that `liveTokenCount` counts were created with the previous secret of the key: they end with it, at `previousSecretExpiresAt` or when the key is regenerated.',
    resolve: async ({ id }, _args, context) => (await countsOfKey(context, id)).previousSecretCount,
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
