import type { Mutant } from '../mutant.ts'

/** Processes beside each other, and clients that try again. */

export const mutants: readonly Mutant[] = [
  {
    id: 'R04',
    file: 'src/http/rate-limiter.ts',
    from: 'if (this.#store && now.getTime() - this.#sharedAtMs >= SHARE_EVERY_MS) void this.#share(now)',
    to: '',
    tests: ['test/http/rate-limiter.test.ts'],
  },
  {
    id: 'R05',
    file: 'src/http/rate-limiter.ts',
    from: '    this.#sharedAtMs = now.getTime()\n',
    to: '',
    tests: ['test/http/rate-limiter.test.ts'],
  },
  {
    id: 'R06',
    file: 'src/http/rate-limiter.ts',
    from: 'for (const count of counts) count.pending += count.sending',
    to: '',
    tests: ['test/http/rate-limiter.test.ts'],
  },
  {
    id: 'C06',
    file: 'src/client/transport.ts',
    from: 'status >= 500 || status === 429 || status === 408',
    to: 'status >= 500 || status === 429',
    tests: ['test/cli/import/retries.test.ts'],
  },
  {
    id: 'C10',
    file: 'src/process/workers.ts',
    from: 'livedMs >= STEADY_MS ? 1 : this.#deaths + 1',
    to: 'this.#deaths + 1',
    tests: ['test/process/several.test.ts'],
  },
]
