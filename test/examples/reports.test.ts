import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'

const SCRIPT = join(import.meta.dirname, 'reports.mjs')
/** Of the script; each prints a line, and how many failed comes last. */
const CASES = 23

const server = await startTestServer()

interface Run {
  exitCode: number
  output: string
}

/** The script as anybody runs it, in a process of its own. */
function runReports(url: string, key: string): Promise<Run> {
  const env = { PATH: process.env['PATH'], URL: url, KEY: key }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [SCRIPT], { env }, (_, stdout, stderr) =>
      resolve({ exitCode: child.exitCode ?? -1, output: stdout + stderr }),
    )
  })
}

test('every case from a public bug report has the right value', { timeout: 60_000 }, async () => {
  const { exitCode, output } = await runReports(`${await server.listen()}/graphql`, server.adminKey)
  const lines = output.trimEnd().split('\n')
  expect(lines.filter((line) => !line.startsWith('ok '))).toEqual(['0 fail'])
  expect(lines).toHaveLength(CASES + 1)
  expect(exitCode).toBe(0)
})
