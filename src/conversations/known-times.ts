import type { ConversationStatus } from '../database/generated/client/enums.ts'
import { badInput, type InputPath } from '../errors.ts'
import { earliest, latest, type NewMessageRow, type UntimedRow } from '../messages/message-row.ts'
import { isFinal } from './conversation-reference.ts'

/** Finds out which times of a conversation are known, and gives times to entries without one. */

/** The first and the last known time of a conversation's entries. */
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
 * Whether a conversation is logged while it takes place: it was created open, and no time that is known from the call
 * that created it is more than an hour older than the call.
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
  /** The time of the entry before these. */
  before: Date | null
  /** As given by the caller. */
  startedAt: Date | null
}

/**
 * Gives each entry a time. In a live conversation, an entry without a time gets that of its arrival, which is then
 * known. In any other, it gets the time of the entry before it, or else that of the next entry that has one, the start
 * of the conversation, or its arrival, and that is not known. No utterance begins after it ends.
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

/**
 * Whether a conversation would end before it starts, given the start that the trigger `derive_times` computes from
 * these times.
 */
export function endsBeforeStart({ givenStartedAt, firstKnownAt, givenEndedAt }: StartTimes): boolean {
  const start = givenStartedAt ?? firstKnownAt
  return givenEndedAt !== null && start !== null && givenEndedAt < start
}

/** Refuses a given end (`endedAt` in `path`) that is before the start. */
export function checkEnd(times: StartTimes, path: InputPath): void {
  if (endsBeforeStart(times)) throw badInput([...path, 'endedAt'], 'is before the start.')
}
