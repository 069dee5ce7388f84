import { Checkpoint } from './checkpoint.ts'
import type { TimeRange } from './formats/format.ts'
import { detectFormat, formatNames } from './formats/formats.ts'
import { createClient, type GraphQLClient, Unreachable } from './graphql-client.ts'
import { type ImportOptions, OptionsError } from './import-options.ts'
import { duration, type ImportProgress } from './import-progress.ts'
import { ImportSummary } from './import-summary.ts'
import { CallRefused, logBatch } from './log-batch.ts'
import { type Batch, readBatches, type ServerLimits } from './read-batches.ts'
import { type Entry, type EntryKind, readEntries, readEntryKind } from './read-entries.ts'

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
  const { file, range } = options
  const { kind, format } = await readFormat(options, progress)
  const first = options.start?.number ?? 1
  // Reads the whole file before anything is logged: the times depend on how many entries there are, and a broken gzip shows now.
  const counted = await readable(file, countEntries(file, kind, first))
  const limits = await loadLimits(createClient({ ...options, signal: interrupt }))
  const summary = new ImportSummary(kind)
  const checkpoint = new Checkpoint(first)
  const failure = new AbortController()
  const stop = AbortSignal.any([interrupt, failure.signal])
  const onWait = (reason: string, delayMs: number) =>
    progress.say(`${reason}; trying again in ${duration(delayMs / 1_000)}`)
  const ask = createClient({ ...options, retryDelaysMs: RETRY_DELAYS_MS, signal: stop, onWait })
  const timesOf = ({ position }: Entry) => range && spread(position, counted.total, range)
  const batches = readBatches(entriesFrom(first, file, kind), format, timesOf, limits, summary)

  async function log(batch: Batch) {
    checkpoint.begin(batch)
    await logBatch(batch.conversations, ask, summary)
    checkpoint.settle(batch)
    progress.settle(batch.entryCount, checkpoint.next)
  }
  progress.start(counted.total, counted.skipped, first, kind)
  try {
    await forEach(batches, log, stop, failure)
  } catch (error) {
    if (!(error instanceof Unreachable || error instanceof CallRefused)) throw error
    if (!interrupt.aborted) summary.stopped = error.message
  }
  if (checkpoint.next <= counted.last) summary.stopped ??= 'interrupted'
  summary.next = checkpoint.next
  return summary
}

/** Throws an `OptionsError` if the options don't fit the file. */
async function readFormat({ file, format, start, range }: ImportOptions, progress: ImportProgress) {
  const kind = await readable(file, readEntryKind(file))
  if (start && start.kind !== kind)
    throw new OptionsError([
      [`--from-${start.kind}`, `is not for this file, which is read by ${kind}: use --from-${kind}`],
    ])
  const known = format ?? (await readable(file, detectFormat(file, kind)))
  if (typeof known === 'string')
    throw new Error(`The format of ${file} is unknown: ${known}. Name it with --format: ${formatNames.join(', ')}.`)
  if (!format) progress.say(`format: ${known.name}`)
  if (known.times === 'never' && !range)
    throw new OptionsError([['--from', `is missing: conversations of the format ${known.name} have no times`]])
  if (known.times === 'always' && range)
    throw new OptionsError([['--from', `is not for the format ${known.name}, whose conversations have times`]])
  return { kind, format: known }
}

async function readable<Read>(file: string, reading: Promise<Read>): Promise<Read> {
  try {
    return await reading
  } catch (error) {
    throw new Error(`${file} can't be read: ${error instanceof Error ? error.message : error}`)
  }
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
  /** Entries that are not blank. */
  total: number
  /** Of these, how many are before the one to begin at. */
  skipped: number
  /** The number of the last one; 0 if there is none. */
  last: number
}

async function countEntries(file: string, kind: EntryKind, first: number): Promise<Counted> {
  const counted: Counted = { total: 0, skipped: 0, last: 0 }
  for await (const { number } of readEntries(file, kind)) {
    counted.total += 1
    if (number < first) counted.skipped += 1
    counted.last = number
  }
  return counted
}

async function* entriesFrom(first: number, file: string, kind: EntryKind): AsyncGenerator<Entry, void> {
  for await (const entry of readEntries(file, kind)) if (entry.number >= first) yield entry
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
