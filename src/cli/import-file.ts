import { createClient, type GraphQLClient, Unreachable } from './graphql-client.ts'
import type { ImportOptions } from './import-options.ts'
import { ImportSummary } from './import-summary.ts'
import { type Line, MAX_LINE_BYTES, readLines } from './read-lines.ts'
import {
  type ConvertedDialogue,
  convertDialogue,
  type Dialogue,
  MalformedLine,
  parseLine,
  type TimeRange,
} from './taskmaster.ts'

const REQUESTS_AT_A_TIME = 8

const LOG_CONVERSATION = `mutation ImportConversation($input: LogConversationInput!) {
  logConversation(input: $input) { created }
}`

/** Refusals of the caller, not of one conversation: every other one would be answered the same. */
const HOPELESS = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'TENANT_REQUIRED', 'NOT_FOUND', 'GRAPHQL_VALIDATION_FAILED'])

export interface ImportProgress {
  start(total: number): void
  increment(): void
  /** Aborts when no further conversation is to be begun. */
  signal: AbortSignal
}

/** Logs a file's conversations, a few at a time; as many lines are in memory as requests are under way. */
export async function importFile(options: ImportOptions, progress: ImportProgress): Promise<ImportSummary> {
  // Read through before anything is logged: its times depend on how much there is, and a broken gzip shows now.
  const total = await countLines(options.file)
  const summary = new ImportSummary()
  const ask = createClient(options)
  const lines = readLines(options.file)
  progress.start(total)

  async function work() {
    for (;;) {
      if (progress.signal.aborted) summary.stopped ??= 'interrupted'
      if (summary.stopped !== null) return
      const { value: line, done } = await lines.next()
      if (done || line === undefined) return
      await importLine(line, timesOf(line.position, total, options.range), ask, summary)
      progress.increment()
    }
  }
  try {
    await Promise.all(Array.from({ length: REQUESTS_AT_A_TIME }, work))
  } finally {
    await lines.return()
  }
  return summary
}

async function countLines(file: string): Promise<number> {
  let count = 0
  try {
    for await (const _ of readLines(file)) count += 1
  } catch (error) {
    throw new Error(`${file} can't be read: ${error instanceof Error ? error.message : error}`)
  }
  return count
}

/** Evenly spread by place in the file, so that the same file and range give the same times. */
function timesOf(position: number, total: number, { start, end }: TimeRange): TimeRange {
  const startMs = start.getTime()
  return { start: new Date(startMs + Math.floor(((end.getTime() - startMs) * position) / total)), end }
}

async function importLine(line: Line, times: TimeRange, ask: GraphQLClient, summary: ImportSummary) {
  let dialogue: Dialogue
  try {
    if (line.bytes === null) throw new MalformedLine(`is longer than ${MAX_LINE_BYTES} bytes`)
    dialogue = parseLine(line.bytes)
  } catch (error) {
    if (!(error instanceof MalformedLine)) throw error
    return summary.noteMalformedLine(line.number, error.message)
  }
  const converted = convertDialogue(dialogue, times)
  summary.noteRead(converted)
  try {
    await logConverted(converted, ask, summary)
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error
    summary.stopped ??= error.message
  }
}

async function logConverted(converted: ConvertedDialogue, ask: GraphQLClient, summary: ImportSummary) {
  const { input } = converted
  const { data, errors } = await ask<{ logConversation: { created: boolean } }>(LOG_CONVERSATION, { input })
  const [error] = errors ?? []
  if (error || !data) {
    const { code = 'UNKNOWN' } = error?.extensions ?? {}
    const message = error?.message ?? 'The server answered neither data nor errors.'
    summary.noteRefused(input.externalId, code, message)
    if (HOPELESS.has(code)) summary.stopped ??= `every other conversation would be refused as well: ${code}`
  } else if (data.logConversation.created) summary.noteLogged(converted)
  else summary.existing += 1
}
