import type { Mutant } from '../mutant.ts'

const SEMAPHORE = 'src/fairness/fair-semaphore.ts'
const REST = 'src/fairness/rest.ts'
const OF_SEMAPHORE = ['test/fairness/fair-semaphore.test.ts'] as const
const OF_THREAD = ['test/fairness/main-thread.test.ts'] as const
const OF_ANSWERS = ['test/abuse/unread-answers.test.ts'] as const
const OF_LARGE_ANSWERS = ['test/conversations/large-answers.test.ts'] as const

export const mutants: readonly Mutant[] = [
  {
    id: 'FA01',
    file: SEMAPHORE,
    from: '(MOST_REST_FACTOR - REST_FACTOR) * this.#useOfOthers(tenant, nowMs)',
    to: '(MOST_REST_FACTOR - REST_FACTOR) * 0',
    tests: OF_SEMAPHORE,
  },
  {
    id: 'FA02',
    file: SEMAPHORE,
    from: '(MOST_REST_FACTOR - REST_FACTOR) * this.#useOfOthers(tenant, nowMs)',
    to: '(MOST_REST_FACTOR - REST_FACTOR)',
    tests: OF_SEMAPHORE,
  },
  {
    id: 'FA03',
    file: SEMAPHORE,
    from: 'return tenant.isHeavy(nowMs) && this.#hasActiveOthers(tenant, nowMs)\n  }\n\n  /** How',
    to: 'return this.#hasActiveOthers(tenant, nowMs)\n  }\n\n  /** How',
    tests: OF_SEMAPHORE,
  },
  {
    id: 'FA04',
    file: SEMAPHORE,
    from: 'return tenant.isHeavy(nowMs) && this.#hasActiveOthers(tenant, nowMs)\n  }\n\n  /** How',
    to: 'return tenant.isHeavy(nowMs)\n  }\n\n  /** How',
    tests: OF_SEMAPHORE,
  },
  {
    id: 'FA05',
    file: REST,
    from: 'budget?.exclude(ms)',
    to: 'budget?.exclude(0)',
    tests: OF_SEMAPHORE,
  },
  {
    id: 'FA06',
    file: SEMAPHORE,
    from: 'tenant.rest(Math.max(0, ms - restedForMs)',
    to: 'tenant.rest(Math.max(0, ms)',
    tests: OF_SEMAPHORE,
  },
  {
    id: 'FA07',
    file: REST,
    from: 'budget?.whenEnded(() => end())',
    to: 'budget?.whenEnded(() => {})',
    tests: OF_SEMAPHORE,
  },
  {
    id: 'FA08',
    file: 'src/fairness/main-thread.ts',
    from: 'ms * (1 + ms / LONG_MS)',
    to: 'ms',
    tests: OF_THREAD,
  },
  {
    id: 'FA09',
    file: 'src/fairness/main-thread.ts',
    from: 'const SHARE = 0.1',
    to: 'const SHARE = 0.2',
    tests: OF_THREAD,
  },
  {
    id: 'FA10',
    file: 'src/http/limits/unread-answers.ts',
    from: 'new PQueue({ concurrency: 1 })',
    to: 'new PQueue()',
    tests: OF_ANSWERS,
  },
  {
    id: 'FA11',
    file: 'src/http/limits/unread-answers.ts',
    from: '        this.refuseFull(holder)\n      },',
    to: '      },',
    tests: OF_ANSWERS,
  },
  {
    id: 'FA12',
    file: 'src/http/limits/unread-answers.ts',
    from: '        endTurn?.()\n',
    to: '',
    tests: OF_ANSWERS,
  },
  {
    id: 'FA13',
    file: 'src/execution/answer-run.ts',
    from: '        if (isLong) yield\n',
    to: '',
    tests: OF_LARGE_ANSWERS,
  },
  {
    id: 'FA14',
    file: 'src/execution/answer-run.ts',
    from: 'if (isLong || isLongRow(item)) yield*',
    to: 'if (isLong) yield*',
    tests: OF_LARGE_ANSWERS,
  },
  {
    id: 'FA16',
    file: 'src/database/statement-line.ts',
    from: '  turnTime?.measure()\n',
    to: '',
    tests: ['test/abuse/documents.test.ts'],
  },
  {
    id: 'FA17',
    file: 'src/fairness/turn-time.ts',
    from: '    if (this.#isMeasuring) return\n',
    to: '',
    tests: ['test/fairness/turn-time.test.ts'],
  },
]
