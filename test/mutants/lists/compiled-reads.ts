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
    from: '`${this.#id} ${rights === WITH_INTERNALS} ${maxBytes} ${key}`',
    to: '`${this.#id} ${maxBytes} ${key}`',
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
  {
    id: 'CR06',
    file: 'src/execution/conditions.ts',
    from: 'return is === wanted',
    to: 'return is',
    tests: BOTH_WAYS,
  },
  {
    id: 'CR07',
    file: 'src/execution/document-plans.ts',
    from: '${idOf(document)} ${Object.values(conditions)} ',
    to: '${idOf(document)} ',
    tests: BOTH_WAYS,
  },
  {
    id: 'CR08',
    file: 'src/execution/document-plans.ts',
    from: 'sizeCalculation: ({ size }) => size',
    to: 'sizeCalculation: () => 1',
    tests: ['test/conversations/kept-plans.test.ts'],
  },
  {
    id: 'CR13',
    file: SELECTION,
    from: 'this.#prepare(rights, below, maxBytes)',
    to: 'this.#prepare(rights, variables, maxBytes)',
    tests: ['test/conversations/kept-plans.test.ts'],
  },
  {
    id: 'CR09',
    file: 'src/execution/compiled-query.ts',
    from: 'for (const rule of plan.rules) rule(context)',
    to: 'for (const rule of plan.rules.slice(0, 1)) rule(context)',
    tests: ['test/conversations/planted-mistakes.test.ts'],
  },
  {
    id: 'CR10',
    file: 'src/execution/root-read.ts',
    from: 'count: isCounted',
    to: 'count: !isCounted',
    tests: ['test/conversations/statements.test.ts'],
  },
  {
    id: 'CR11',
    file: 'src/execution/query-plan.ts',
    from: 'nodes.flatMap(({ selectionSet }) => selectionSet ?? [])',
    to: 'nodes.slice(0, 1).flatMap(({ selectionSet }) => selectionSet ?? [])',
    tests: BOTH_WAYS,
  },
  {
    id: 'CR12',
    file: 'src/database/statement-line.ts',
    from: 'if (this.#lastMs > 0) await this.#rest.after',
    to: 'if (this.#lastMs > 1e9) await this.#rest.after',
    tests: ['test/database/rests-between-statements.test.ts'],
  },
]
