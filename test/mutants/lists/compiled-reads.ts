import type { Mutant } from '../mutant.ts'

const BOTH_WAYS = ['test/conversations/compiled-reads.test.ts'] as const
const SELECTION = 'src/execution/prepared-selection.ts'

export const mutants: readonly Mutant[] = [
  {
    id: 'CR01',
    file: SELECTION,
    from: 'context.rowRestriction === null ? plainKeyOf',
    to: 'true ? plainKeyOf',
    tests: BOTH_WAYS,
  },
  {
    id: 'CR02',
    file: SELECTION,
    from: '`${rights === WITH_INTERNALS} ${maxBytes} ${key}`',
    to: '`${maxBytes} ${key}`',
    tests: BOTH_WAYS,
  },
  {
    id: 'CR03',
    file: 'src/execution/query-plan.ts',
    from: 'this.variables.add(name.value)',
    to: 'name',
    tests: BOTH_WAYS,
  },
  {
    id: 'CR04',
    file: SELECTION,
    from: 'if (!(name in known)) throw',
    to: 'if (!(name in known) && Number.isNaN(0)) throw',
    tests: ['test/conversations/planted-mistakes.test.ts'],
  },
  {
    id: 'CR05',
    file: 'src/http/limits/document-limits.ts',
    from: 'last && last.variables === variables',
    to: 'last',
    tests: ['test/abuse/cost.test.ts'],
  },
]
