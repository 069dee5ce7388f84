import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { schemaFiles } from '../../src/cli/print-schema.ts'

test.each(Object.entries(await schemaFiles()))(
  '%s is made from what the server serves (npm run schema writes it)',
  (path, text) => {
    expect(readFileSync(path, 'utf8')).toBe(text)
  },
)
