import { readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { opensDatabase } from './opens-database.ts'

// Node gives packages the CommonJS build of graphql; Vite would give the sources the other, and no `instanceof` would hold.
const resolve = { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] }

/** Files that replace modules of ours, and so can't share them with others. */
const REPLACES_MODULES = [
  'test/isolation/database-wall-alone.test.ts',
  'test/credentials/token-issuers/fetch-jwks.test.ts',
  'test/http/console/not-built.test.ts',
]

const testFiles = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((path) => `test/${path.replaceAll('\\', '/')}`)
  .filter((path) => path.endsWith('.test.ts'))
const unitTests = testFiles.filter((path) => !REPLACES_MODULES.includes(path) && !opensDatabase(path))

const shared = {
  testTimeout: 30_000,
  hookTimeout: 60_000,
  env: { NODE_ENV: 'test' },
  // A test that asserts nothing proves nothing. On a busy machine a process that is stopped takes longer than the default of a second.
  // (Here, because projects don't inherit it.)
  expect: { requireAssertions: true, poll: { timeout: 10_000 } },
  // Neither JavaScript nor the embedded database is compiled a second time, to be faster: no worker lives long enough to gain by it.
  // And memory is collected seldom, by the thread that has run anyway: the cores have no time to spare. A tenth less CPU.
  execArgv: [
    ...['--liftoff-only', '--no-turbofan'],
    ...['--single-threaded-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'],
  ],
  setupFiles: ['test/support/property-tests.ts'],
}

/** Tests that open no database run once, and first: at the end they would leave a core idle. */
const unit = {
  resolve,
  test: { ...shared, name: 'unit', isolate: false, sequence: { groupOrder: 0 }, include: unitTests },
}

/** All others on one kind of database. Files share the loaded modules of their worker: loading took longer than testing. */
function projects(databaseKind: 'pglite' | 'postgresql') {
  const provide = { databaseKind }
  return [
    {
      resolve,
      test: {
        ...shared,
        provide,
        name: databaseKind,
        isolate: false,
        sequence: { groupOrder: 1 },
        include: ['test/**/*.test.ts'],
        exclude: [...REPLACES_MODULES, ...unitTests],
      },
    },
    // Of both databases together, and first, for the same reason.
    {
      resolve,
      test: {
        ...shared,
        provide,
        name: `${databaseKind}, apart`,
        sequence: { groupOrder: 0 },
        include: REPLACES_MODULES,
      },
    },
  ]
}

/** On PGlite, and on PostgreSQL as well where TEST_DATABASE_URL names one. */
export default defineConfig({
  test: {
    // One more than a small machine has cores, because many tests wait for processes, locks and timers: 575 s instead of 632.
    maxWorkers: 3,
    // On a busy machine a worker with many databases takes longer to end than the default of 10 s.
    teardownTimeout: 60_000,
    reporters: ['default', './test/support/closing-line.ts'],
    globalSetup: ['test/support/template.ts'],
    projects: [unit, ...projects('pglite'), ...(process.env['TEST_DATABASE_URL'] ? projects('postgresql') : [])],
  },
})
