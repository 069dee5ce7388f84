import type { Mutant } from '../mutant.ts'

/** Who is let in, and how much they may ask for. */

const KEY = 'src/auth/authenticate-key.ts'

export const mutants: readonly Mutant[] = [
  {
    id: 'A01',
    file: KEY,
    from: "  if (key.revoked_at) return unauthenticated('This API key was revoked.', 'REVOKED')\n",
    to: '',
    tests: ['test/credentials/api-keys/revoke.test.ts'],
  },
  {
    id: 'A02',
    file: KEY,
    from: 'key.expires_at <= now',
    to: 'key.expires_at < now',
    tests: ['test/isolation/openings.test.ts'],
  },
  {
    id: 'A03',
    file: 'src/auth/api-key.ts',
    from: 'key.previousSecretExpiresAt > now',
    to: 'key.previousSecretExpiresAt >= now',
    tests: ['test/credentials/api-keys/regenerate.test.ts'],
  },
  {
    id: 'A04',
    file: KEY,
    from: 'if (createsTenant && !principal.autoCreateTenants)',
    to: 'if (createsTenant && principal.autoCreateTenants === null)',
    tests: ['test/tenants/tenants-on-first-write.test.ts'],
  },
  {
    id: 'A05',
    file: 'src/auth/key-strength.ts',
    from: 'least: 2_048',
    to: 'least: 1_024',
    tests: ['test/credentials/token-issuers/register.test.ts'],
  },
  {
    id: 'A06',
    file: 'src/auth/embed-token.ts',
    from: 'export const EMBED_SCOPES: readonly Scope[] = [',
    to: "export const EMBED_SCOPES: readonly Scope[] = ['CONVERSATIONS_WRITE', ",
    tests: ['test/credentials/embed-tokens/create.test.ts'],
  },
  {
    id: 'A07',
    file: 'src/http/limits/document-limits.ts',
    from: 'if (cost > maxQueryCost) {',
    to: 'if (cost > maxQueryCost + 1) {',
    tests: ['test/abuse/cost.test.ts'],
  },
  {
    id: 'A08',
    file: 'src/http/limits/document-limits.ts',
    from: 'if (value > limit) throw',
    to: 'if (value > limit + 1) throw',
    tests: ['test/http/limits.test.ts'],
  },
  {
    id: 'A09',
    file: 'src/http/rate-limit.ts',
    from: "if (isLimited && !principal.kind.endsWith('_KEY'))",
    to: "if (isLimited && principal.id === '')",
    tests: ['test/http/rate-limit.test.ts'],
  },
]
