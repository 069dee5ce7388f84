import type { Mutant } from '../mutant.ts'

const LOG = ['test/live/change-log-random.test.ts'] as const
const POLLING = ['test/live/polling.test.ts'] as const
const ENDINGS = ['test/live/endings.test.ts'] as const
const TWO_SERVERS = ['test/live/two-servers.test.ts'] as const

export const mutants: readonly Mutant[] = [
  {
    id: 'L01',
    file: 'src/live/change-log.sql.ts',
    from: '(ch.transaction_id >= ${xmax}::bigint OR ch.transaction_id = ANY(${open}::bigint[]))',
    to: 'ch.transaction_id >= ${xmax}::bigint',
    tests: LOG,
  },
  {
    id: 'L02',
    file: 'src/live/change-log.sql.ts',
    from: 'ch.transaction_id <> ALL(${open}::bigint[]))',
    to: '${open}::bigint[] IS NOT NULL)',
    tests: LOG,
  },
  {
    id: 'L03',
    file: 'src/live/change-log.sql.ts',
    from: 'more: end !== null, log }',
    to: 'more: false, log }',
    tests: LOG,
  },
  {
    id: 'L04',
    file: 'src/live/change-log.sql.ts',
    from: 'const count = before + rows',
    to: 'const count = rows',
    tests: LOG,
  },
  {
    id: 'L05',
    file: 'src/live/change-log.sql.ts',
    from: 'within?.transactionId === last ? within.count : 0',
    to: 'within ? within.count : 0',
    tests: LOG,
  },
  {
    id: 'L06',
    file: 'src/live/live-times.ts',
    from: 'pollMs: 3_000,',
    to: 'pollMs: 3_000_000,',
    tests: POLLING,
  },
  {
    id: 'L07',
    file: 'src/live/change-feed.ts',
    from: 'this.#readIn(Math.min(this.#options.pollMs, Math.max(0, asked - performance.now())))',
    to: 'this.#readIn(this.#options.pollMs)',
    tests: ['test/live/change-feed.test.ts'],
  },
  {
    id: 'L08',
    file: 'src/live/change-log.sql.ts',
    from: 'ids.length > maxChanges ? null',
    to: 'ids.length > maxChanges + 1 ? null',
    tests: LOG,
  },
  {
    id: 'L09',
    file: 'src/live/snapshot.ts',
    from: 'earlier.xmax <= later.xmax && ',
    to: '',
    tests: LOG,
  },
  {
    id: 'L10',
    file: 'src/live/run-subscription.ts',
    from: 'Math.min(recheckMs, Math.max(0, expiresAt.getTime() - this.#options.now().getTime()))',
    to: 'recheckMs',
    tests: ENDINGS,
  },
  {
    id: 'L11',
    file: 'src/database/notifications.ts',
    from: '      onConnected()\n',
    to: '',
    tests: TWO_SERVERS,
    on: ['postgresql'],
  },
  {
    id: 'L12',
    file: 'src/database/notifications.ts',
    from: '    if (tenantIds === null) this.#tenantIds = null\n    else for (const id of tenantIds)',
    to: '    for (const id of tenantIds ?? [])',
    tests: TWO_SERVERS,
    on: ['postgresql'],
  },
  {
    id: 'L13',
    file: 'src/database/notifications.ts',
    from: 'this.#credentials ||= credentials',
    to: 'this.#credentials = false',
    tests: TWO_SERVERS,
    on: ['postgresql'],
  },
  {
    id: 'L14',
    file: 'src/live/subscriber.ts',
    from: 'setTimeout(() => this.renew(), maxMs)',
    to: 'setTimeout(() => this.wake(), maxMs)',
    tests: POLLING,
  },
  {
    id: 'L15',
    file: 'src/live/tenant-subscribers.ts',
    from: '!changed || stream.conversationId === null || changed',
    to: '!changed || stream.conversationId !== null && changed',
    tests: POLLING,
  },
  {
    id: 'L16',
    file: 'src/live/change-stream.ts',
    from: 'performance.now() - this.#readMs > this.#maxAgeMs',
    to: 'false',
    tests: POLLING,
  },
  {
    id: 'L17',
    file: 'src/live/tenant-subscribers.ts',
    from: '    if (credentials) for (const subscriber of this.#all()) subscriber.renew()\n',
    to: '    void credentials\n',
    tests: ENDINGS,
  },
  {
    id: 'L18',
    file: 'src/live/change-feed.ts',
    from: '      this.#end = changed.end\n',
    to: '      this.#end ??= changed.end\n',
    tests: ['test/live/change-feed.test.ts'],
  },
]
