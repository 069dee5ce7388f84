import type { Mutant } from '../mutant.ts'

/** What a token's row restriction leaves, and who tests tokens. */

const FILTER = 'src/conversations/conversation-filter.sql.ts'
const SCOPE = 'src/database/tenant-scope.ts'
const CLAIMS = ['test/credentials/token-issuers/scopes-and-locks.test.ts'] as const
const LOCKS = ['test/isolation/locks.test.ts'] as const

export const mutants: readonly Mutant[] = [
  {
    id: 'RR01',
    file: FILTER,
    from: "    ...anyOf('c.end_user_id', 'text', rowRestriction.endUserIds),\n",
    to: '',
    tests: CLAIMS,
  },
  {
    id: 'RR02',
    file: FILTER,
    from: '...(rowRestriction.agents ? [',
    to: '...(rowRestriction.agents?.ids.length ? [',
    tests: CLAIMS,
  },
  {
    id: 'RR03',
    file: FILTER,
    from: 'ANY(${uuidsOf(scope.tenantId, agents)}) ${andVisible(scope)})`',
    to: 'ANY(${uuidsOf(scope.tenantId, agents)}))`',
    tests: LOCKS,
  },
  {
    id: 'RR04',
    file: 'src/agents/agents.sql.ts',
    from: "WHERE ${ownRows(tenantId, 'g')} AND g.external_id",
    to: 'WHERE g.external_id',
    tests: ['test/isolation/statements.test.ts'],
  },
  {
    id: 'RR05',
    file: SCOPE,
    from: '      ...(endUserIds ? [{ endUserId: { in: [...endUserIds] } }] : []),\n',
    to: '',
    tests: CLAIMS,
  },
  {
    id: 'RR06',
    file: SCOPE,
    from: '...(endUserIds || metadata.length > 0 ?',
    to: '...(metadata.length > 0 ?',
    tests: CLAIMS,
  },
  {
    id: 'RR07',
    file: 'src/schema/node-rows.sql.ts',
    from: '...(endUserIds || metadata.length > 0',
    to: '...(metadata.length > 0',
    tests: ['test/conversations/single-reads.test.ts'],
  },
  {
    id: 'RR08',
    file: 'src/agents/agent.graphql.ts',
    from: '(externalId !== null && externalIds.includes(externalId))',
    to: 'externalId !== null',
    tests: LOCKS,
  },
  {
    id: 'RR09',
    file: 'src/auth/embed-token.ts',
    from: 'const payloadShape = v.strictObject({',
    to: 'const payloadShape = v.object({',
    tests: ['test/credentials/embed-tokens/verify.test.ts'],
  },
  {
    id: 'RR10',
    file: 'src/auth/authenticate-embed-token.ts',
    from: 'if (!agents && !endUserIds && !metadata) return null',
    to: 'if (!agents && !metadata) return null',
    tests: CLAIMS,
  },
  {
    id: 'RR11',
    file: 'src/credentials/token-test.graphql.ts',
    from: "context.has('ADMIN') ? testToken",
    to: 'context ? testToken',
    tests: ['test/credentials/token-issuers/test-token.test.ts'],
  },
]
