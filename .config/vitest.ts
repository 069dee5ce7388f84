import { defineConfig } from 'vitest/config'

const shared = {
  include: ['test/**/*.test.ts'],
  testTimeout: 30_000,
  hookTimeout: 60_000,
  env: { NODE_ENV: 'test' },
}

// Node gives packages the CommonJS build of graphql; Vite would give the sources the other, and no `instanceof` would hold.
const resolve = { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] }

/** The whole suite on PGlite, and on PostgreSQL as well where TEST_DATABASE_URL names one. */
export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line.ts'],
    globalSetup: ['test/support/template.ts'],
    projects: [
      { resolve, test: { ...shared, name: 'pglite', provide: { databaseKind: 'pglite' } } },
      ...(process.env['TEST_DATABASE_URL']
        ? [{ resolve, test: { ...shared, name: 'postgresql', provide: { databaseKind: 'postgresql' as const } } }]
        : []),
    ],
  },
})
