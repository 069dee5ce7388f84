import { Checkpoint } from './checkpoint.ts'
import { createClient, type GraphQLClient, Unreachable } from './graphql-client.ts'
import type { ImportOptions } from './import-options.ts'
import { duration, type ImportProgress } from './import-progress.ts'
import { ImportSummary } from './import-summary.ts'
import { CallRefused, logBatch } from './log-batch.ts'
import { type Batch, readBatches, type ServerLimits } from './read-batches.ts'
import { type Line, readLines } from './read-lines.ts'
import type { TimeRange } from './taskmaster.ts'

/** While the database stores one, the server reads the next. Each call takes some 50 MB of the server's memory. */
const CALLS_AT_A_TIME = 2

/** Long enough to wait for a server that is restarted, or moved to another machine. */
const RETRY_DELAYS_MS = [250, 1_000, 3_000, 10_000, 30_000]

/** Logs a file's conversations in batches, a few at a time; only the batches in progress are in memory. */
export async function importFile(
  options: ImportOptions,
  progress: ImportProgress,
  interrupt: AbortSignal,
): Promise<ImportSummary> {
  const { file, fromLine, range } = options
  // Reads the whole file before anything is logged: the times depend on how many lines there are, and a broken gzip shows now.
  const counted = await countLines(file, fromLine)
  const limits = await loadLimits(createClient({ ...options, signal: interrupt }))
  const summary = new ImportSummary()
  const checkpoint = new Checkpoint(fromLine)
  const failure = new AbortController()
  const stop = AbortSignal.any([interrupt, failure.signal])
  const onWait = (reason: string, delayMs: number) =>
    progress.say(`${reason}; trying again in ${duration(delayMs / 1_000)}`)
  const ask = createClient({ ...options, retryDelaysMs: RETRY_DELAYS_MS, signal: stop, onWait })
  const timesOf = ({ position }: Line) => spread(position, counted.total, range)
  const batches = readBatches(linesFrom(fromLine, file), timesOf, limits, summary)

  async function log(batch: Batch) {
    checkpoint.begin(batch)
    await logBatch(batch.dialogues, ask, summary)
    checkpoint.settle(batch)
    progress.settle(batch.lineCount, checkpoint.line)
  }
  progress.start(counted.total, counted.skipped, fromLine)
  try {
    await forEach(batches, log, stop, failure)
  } catch (error) {
    if (!(error instanceof Unreachable || error instanceof CallRefused)) throw error
    if (!interrupt.aborted) summary.stopped = error.message
  }
  if (checkpoint.line <= counted.lastLine) summary.stopped ??= 'interrupted'
  summary.nextLine = checkpoint.line
  return summary
}

/** Begins no further batch once it is to stop or one has failed, and ends when the batches in progress have. */
async function forEach(
  batches: AsyncGenerator<Batch, void>,
  work: (batch: Batch) => Promise<void>,
  stop: AbortSignal,
  failure: AbortController,
) {
  async function workOnSome() {
    try {
      while (!stop.aborted) {
        const { value: batch } = await batches.next()
        if (!batch) return
        await work(batch)
      }
    } catch (error) {
      failure.abort()
      throw error
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: CALLS_AT_A_TIME }, workOnSome))
  await batches.return()
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

interface Counted {
  /** Lines that are not blank. */
  total: number
  /** Of these, how many are before the line to begin at. */
  skipped: number
  /** The number of the last one; 0 if there is none. */
  lastLine: number
}

async function countLines(file: string, fromLine: number): Promise<Counted> {
  const counted: Counted = { total: 0, skipped: 0, lastLine: 0 }
  try {
    for await (const { number } of readLines(file)) {
      counted.total += 1
      if (number < fromLine) counted.skipped += 1
      counted.lastLine = number
    }
  } catch (error) {
    throw new Error(`${file} can't be read: ${error instanceof Error ? error.message : error}`)
  }
  return counted
}

async function* linesFrom(fromLine: number, file: string): AsyncGenerator<Line, void> {
  for await (const line of readLines(file)) if (line.number >= fromLine) yield line
}

async function loadLimits(ask: GraphQLClient): Promise<ServerLimits> {
  const { data, errors } = await ask<{ limits: ServerLimits }>(
    'query ImportLimits { limits { maxBodyBytes maxMessagesPerCall maxConversationsPerCall } }',
  )
  if (data) return data.limits
  const [error] = errors ?? []
  throw new Error(`The server refuses: ${error?.extensions?.code ?? 'UNKNOWN'}: ${error?.message}`)
}

/** Spreads the times evenly by position in the file, so that the same file and range give the same times. */
function spread(position: number, total: number, { start, end }: TimeRange): TimeRange {
  const startMs = start.getTime()
  return { start: new Date(startMs + Math.floor(((end.getTime() - startMs) * position) / total)), end }
}
