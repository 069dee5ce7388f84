import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const OPEN = new URL('../../../src/database/embedded/open.ts', import.meta.url).href

/** So that V8 compiles at the first calls, frees what it has replaced at once, and prints that it does. */
const FREE_AT_ONCE = ['--stress-wasm-code-gc', '--wasm-wrapper-tiering-budget=2', '--trace-wasm-code-gc']

const OPEN_AND_CLOSE = `
import { openEmbedded } from '${OPEN}'
console.log('loaded')
const { session, close } = await openEmbedded({ dataDir: import.meta.dirname + '/data', connectTimeoutMs: 20_000 })
const rows = await session.query('SELECT 1 AS one')
await close()
console.log(JSON.stringify(rows))
`

test('while the embedded database is open, V8 frees no WebAssembly that another thread may run', () => {
  const directory = mkdtempSync(join(tmpdir(), 'parley-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const script = join(directory, 'open-and-close.mjs')
  writeFileSync(script, OPEN_AND_CLOSE)
  const { stdout } = spawnSync(process.execPath, [...FREE_AT_ONCE, script], { encoding: 'utf8', timeout: 60_000 })
  // Loading strips types, by WebAssembly too, in the only thread there is by then.
  const [, opened] = stdout.split('loaded\n')
  expect(opened).toContain('[{"one":1}]')
  expect(opened).not.toContain('Freeing')
})
