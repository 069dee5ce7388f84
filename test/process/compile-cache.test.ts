import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const PROJECT = join(import.meta.dirname, '../..')

test('what a start compiles is kept with the installed packages, wherever the start comes from', () => {
  const directory = mkdtempSync(join(tmpdir(), 'parley-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const flags = pathToFileURL(join(PROJECT, 'src/process/startup-flags.js')).href
  const print = `import { getCompileCacheDir } from 'node:module'; process.stdout.write(getCompileCacheDir())`
  const { NODE_COMPILE_CACHE: _, ...env } = process.env
  const { stdout } = spawnSync(process.execPath, ['--import', flags, '--input-type=module', '--eval', print], {
    ...{ cwd: directory, env, encoding: 'utf8' },
  })
  expect(stdout).toContain(join(PROJECT, 'node_modules/.cache/compiled'))
})
