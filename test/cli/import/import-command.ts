import { type ChildProcess, execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, vi } from 'vitest'
import { argumentsOf } from '../../support/npm-script.ts'
import type { Ask } from '../../support/server.ts'

export const SAMPLE = join(import.meta.dirname, '../../data/taskmaster-sample.jsonl')
export const SAMPLE_LINES = readFileSync(SAMPLE, 'utf8').trim().split('\n')
export const RANGE = ['--from', '2025-03-01', '--to', '2025-03-21T00:00+00:00']

interface Ended {
  /** The exit code, or the signal that ended it. */
  code: unknown
  stdout: string
  stderr: string
}

/** The command in a process of its own, with no setting in its environment but these. */
export function startImport(args: string[], env: Record<string, string> = {}) {
  const { promise: ended, resolve } = Promise.withResolvers<Ended>()
  const child = execFile(process.execPath, [...argumentsOf('import'), ...args], { env }, (error, stdout, stderr) =>
    resolve({ code: error ? (error.code ?? error.signal) : 0, stdout, stderr }),
  )
  return { signal: (signal: NodeJS.Signals) => child.kill(signal), said: (text: string) => said(child, text), ended }
}

/** Until it has said this on standard error. */
function said(child: ChildProcess, text: string): Promise<void> {
  let stderr = ''
  return new Promise((resolve) =>
    child.stderr?.on('data', (chunk) => {
      stderr += chunk
      if (stderr.includes(text)) resolve()
    }),
  )
}

export const runImport = (args: string[], env?: Record<string, string>) => startImport(args, env).ended

/** Call it at the top of a test file that starts the command. What it answers makes files that are removed after the tests. */
export function useImports(): (name: string, content: string | Uint8Array) => string {
  // A process takes seconds to start where many start at once.
  vi.setConfig({ testTimeout: 90_000 })
  const directory = mkdtempSync(join(tmpdir(), 'parley-import-'))
  afterAll(() => {
    vi.resetConfig()
    rmSync(directory, { recursive: true })
  })
  return (name, content) => {
    const file = join(directory, name)
    writeFileSync(file, content)
    return file
  }
}

export const line = (id: string, text = 'one latte') =>
  JSON.stringify({ conversation_id: id, utterances: [{ speaker: 'user', text }] })

/** Whether a request logs conversations, and is not the question about limits. */
export const isLogging = (init: RequestInit | undefined) => String(init?.body).includes('logConversations')

/** All that is kept of what a file says, and when it was written, in the order of the conversations' times. */
export async function readConversations(ask: Ask) {
  const { data } = await ask(`{
    conversations(first: 100, orderBy: { field: STARTED_AT, direction: ASC }) {
      nodes {
        externalId status startedAt endedAt createdAt updatedAt metadata
        messages(first: 100) {
          nodes { timestamp ... on ChatMessage { role content } ... on ToolCall { name input output error } }
        }
      }
    }
  }`)
  return data.conversations.nodes
}
