import type { Mutant } from '../mutant.ts'

export const mutants: readonly Mutant[] = [
  {
    id: 'W01',
    file: 'src/idempotency/idempotent-write.ts',
    from: 'hash === first.hash ? (first.answer as Answer) : conflict(request.path)',
    to: 'first.answer as Answer',
    tests: ['test/conversations/exactly-once.test.ts'],
    on: ['pglite', 'postgresql'],
  },
  {
    id: 'W02',
    file: 'src/idempotency/idempotent-write.ts',
    from: '`${request.operation}\\n${canonicalJson(input)}`',
    to: 'canonicalJson(input)',
    tests: ['test/conversations/exactly-once.test.ts'],
  },
]
