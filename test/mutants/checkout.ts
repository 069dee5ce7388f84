import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cleanUpLater } from '../disasters/clean-up.ts'
import type { DatabaseKind, Mutant } from './mutant.ts'

const PROJECT = join(import.meta.dirname, '../..')

/** Made by the installation, and not in Git. */
const GENERATED = 'src/database/generated'

/** Tests that take longer hang. */
const TEST_TIMEOUT_MS = 300_000

export interface Outcome {
  passed: boolean
  /** All that was printed. */
  output: string
}

/** A copy of the project as it is now, committed or not. */
export class Checkout {
  readonly #directory = mkdtempSync(join(tmpdir(), 'parley-mutants-'))

  constructor() {
    cleanUpLater(() => rmSync(this.#directory, { recursive: true, force: true }))
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: PROJECT,
      encoding: 'utf8',
    })
    const files = listed.split('\0').filter((file) => file !== '' && existsSync(join(PROJECT, file)))
    for (const file of [...files, GENERATED]) {
      cpSync(join(PROJECT, file), join(this.#directory, file), { recursive: true })
    }
    symlinkSync(join(PROJECT, 'node_modules'), join(this.#directory, 'node_modules'))
  }

  /** Runs `work` while the change is made. */
  async with<Result>({ file, from, to }: Mutant, work: () => Promise<Result>): Promise<Result> {
    const path = join(this.#directory, file)
    const original = readFileSync(path, 'utf8')
    writeFileSync(
      path,
      original.replace(from, () => to),
    )
    try {
      return await work()
    } finally {
      writeFileSync(path, original)
    }
  }

  /** Up to the first test that fails. */
  async test(files: readonly string[], kind: DatabaseKind): Promise<Outcome> {
    const { TEST_DATABASE_URL, ...env } = process.env
    const vitest = [join(PROJECT, 'node_modules/vitest/vitest.mjs'), 'run', '--config', '.config/vitest.ts']
    // The second project is `pglite, apart`. What opens no database belongs to `unit`.
    const projects = [`${kind}*`, 'unit'].flatMap((project) => ['--project', project])
    const options = [...projects, '--bail', '1', '--maxWorkers', '1', '--reporter', 'default']
    const running = spawn(process.execPath, [...vitest, ...options, ...files], {
      cwd: this.#directory,
      env: kind === 'postgresql' ? { ...env, TEST_DATABASE_URL } : env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TEST_TIMEOUT_MS,
    })
    cleanUpLater(() => running.kill())
    const pieces: Buffer[] = []
    for (const stream of [running.stdout, running.stderr]) stream.on('data', (piece) => pieces.push(piece))
    const [exitCode] = await once(running, 'close')
    return { passed: exitCode === 0, output: Buffer.concat(pieces).toString() }
  }
}
