import type { ConversationStatus } from '../database/generated/client/enums.ts'
import { badInput, type InputPath } from '../errors.ts'
import { earliest, latest, type NewMessageRow, type UntimedRow } from '../messages/message-row.ts'
import { isFinal } from './conversation-reference.ts'

/** Which times of a conversation are known, and the times of entries that were given none. */

/** Instants that are known of a conversation's entries. */
export interface KnownTimes {
  first: Date | null
  last: Date | null
}

export interface TimedRows {
  rows: NewMessageRow[]
  known: KnownTimes
}

const HOUR_MS = 3_600_000

/**
 * Whether a conversation grows while it takes place: it was created open, and nothing in the call that created it is known
 * to be more than an hour older than the call.
 */
export function isLive(
  { status, startedAt, arrival }: { status: ConversationStatus; startedAt: Date | null; arrival: Date },
  rows: readonly UntimedRow[],
): boolean {
  const known = [startedAt, ...rows.flatMap(({ timestamp, ended_at }) => [timestamp, ended_at])]
  return !isFinal(status) && known.every((time) => time == null || arrival.getTime() - time.getTime() <= HOUR_MS)
}

export interface Surroundings {
  isLive: boolean
  /** When the call arrived. */
  arrival: Date
  /** The time of the entry before them. */
  before: Date | null
  /** As the caller said. */
  startedAt: Date | null
}

/**
 * Gives each entry a time. Without one of its own, an entry of a live conversation has that of its arrival, which is then
 * known; another one has that of the entry before it, else of the first one behind it that has a time, else of the start of
 * the conversation, else of its arrival, and that is not known. No utterance begins after it ended.
 */
export function timeEntries(
  rows: readonly UntimedRow[],
  { isLive, arrival, before, startedAt }: Surroundings,
): TimedRows {
  const firstGiven = rows.find(({ timestamp }) => timestamp !== null)?.timestamp
  const known: Date[] = []
  let previous = before
  const timed = rows.map((row): NewMessageRow => {
    const end = row.ended_at ?? null
    const supposed = isLive ? arrival : (previous ?? firstGiven ?? startedAt ?? arrival)
    const timestamp = row.timestamp ?? (end && end < supposed ? end : supposed)
    if (row.timestamp || isLive) known.push(timestamp)
    if (end) known.push(end)
    previous = timestamp
    return { ...row, timestamp }
  })
  return { rows: timed, known: { first: earliest(known), last: latest(known) } }
}

export interface StartTimes {
  givenStartedAt: Date | null
  firstKnownAt: Date | null
  givenEndedAt: Date | null
}

/** Whether a conversation would end before it begins, by the start that the database's trigger `derive_times` makes of this. */
export function endsBeforeStart({ givenStartedAt, firstKnownAt, givenEndedAt }: StartTimes): boolean {
  const start = givenStartedAt ?? firstKnownAt
  return givenEndedAt !== null && start !== null && givenEndedAt < start
}

/** Refuses an end that was given (`endedAt` in `path`) and is before the start. */
export function checkEnd(times: StartTimes, path: InputPath): void {
  if (endsBeforeStart(times)) throw badInput([...path, 'endedAt'], 'is before the start.')
}
