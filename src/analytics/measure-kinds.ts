import type { ConversationSum, Sums } from './conversation-sums.sql.ts'
import type { VoiceStep } from './voice-timings.sql.ts'

/** The kinds of measures, and how each is read from the aggregates of a bucket. */

export type MeasureUnit = 'COUNT' | 'RATIO' | 'MILLISECONDS' | 'US_DOLLARS' | 'TOKENS' | 'SCORE'

/** The aggregates of one bucket: sums, and values that are not sums. */
export interface Aggregates extends Sums, TimingAggregates {
  end_users?: number
  new_end_users?: number
  interruptions?: number
  voice_conversations?: number
}

/** Times, in milliseconds, of which the mean and percentiles are computed from the rows themselves. */
export type Timing = 'latency' | 'duration' | VoiceStep
export type TimingAggregates = { [Name in `${Timing}_${'mean' | 'p50' | 'p95' | 'count'}`]?: number | null }

/** A value, null if there is nothing to compute it from, and the number of items that it is based on. */
export interface Reading {
  value: number | null
  count: number
}

export interface Measure {
  description: string
  unit: MeasureUnit
  /** The sums that it needs. */
  sums: readonly ConversationSum[]
  /** The further query that it needs, on the conversations or messages themselves. */
  asks?: 'END_USERS' | 'NEW_END_USERS' | 'LATENCIES' | 'DURATIONS' | 'INTERRUPTIONS' | VoiceStep
  /** Needs the scope INTERNALS_READ. */
  internal?: true
  read(found: Aggregates, seesInternals: boolean): Reading
}

/** A count; 0 if there is nothing to count. */
export function count(description: string, sum: ConversationSum, more: Partial<Measure> = {}): Measure {
  return {
    description,
    unit: 'COUNT',
    sums: [sum],
    read: (found) => ({ value: found[sum] ?? 0, count: found[sum] ?? 0 }),
    ...more,
  }
}

/** A count that is the sum of others. */
export function countOfAll(description: string, sums: readonly ConversationSum[]): Measure {
  const add = (found: Aggregates) => sums.reduce((all, name) => all + (found[name] ?? 0), 0)
  return { description, unit: 'COUNT', sums, read: (found) => ({ value: add(found), count: add(found) }) }
}

/** A total, and the number of items that it is based on. */
export function total(description: string, unit: MeasureUnit, sum: ConversationSum, of: ConversationSum): Measure {
  return {
    description,
    unit,
    sums: [sum, of],
    read: (found) => ({ value: found[sum] ?? 0, count: found[of] ?? 0 }),
  }
}

/** A mean: a ratio of sums, null if there is nothing to divide by. */
export function mean(description: string, unit: MeasureUnit, sums: ConversationSum[], of: ConversationSum): Measure {
  return {
    description,
    unit,
    sums: [...sums, of],
    read: (found) => {
      const sum = sums.reduce((all, name) => all + (found[name] ?? 0), 0)
      const count = found[of] ?? 0
      return { value: count === 0 ? null : sum / count, count }
    },
  }
}

export const share = (description: string, sums: ConversationSum[], of: ConversationSum) =>
  mean(description, 'RATIO', sums, of)

/** The mean or a percentile of times that are not summed. */
const timing = (
  description: string,
  name: Timing,
  of: 'mean' | 'p50' | 'p95',
  more: Pick<Measure, 'asks' | 'internal'>,
): Measure => ({
  description,
  unit: 'MILLISECONDS',
  sums: [],
  ...more,
  read: (found) => ({ value: found[`${name}_${of}`] ?? null, count: found[`${name}_count`] ?? 0 }),
})

export const latency = (description: string, of: 'p50' | 'p95') =>
  timing(description, 'latency', of, { asks: 'LATENCIES' })

export const duration = (description: string, of: 'p50' | 'p95') =>
  timing(description, 'duration', of, { asks: 'DURATIONS' })

/** Voice events are internal. */
const NEEDS_INTERNALS = 'Needs the scope INTERNALS_READ.'

export const voice = (description: string, step: VoiceStep, of: 'mean' | 'p50' | 'p95') =>
  timing(`${description} ${NEEDS_INTERNALS}`, step, of, { asks: step, internal: true })

/** The number of interruptions, or their mean over the conversations that have voice events. */
export const interruptions = (description: string, of: 'sum' | 'mean'): Measure => ({
  description: `${description} ${NEEDS_INTERNALS}`,
  unit: 'COUNT',
  sums: [],
  asks: 'INTERRUPTIONS',
  internal: true,
  read: ({ interruptions = 0, voice_conversations = 0 }) =>
    of === 'sum'
      ? { value: interruptions, count: interruptions }
      : {
          value: voice_conversations === 0 ? null : interruptions / voice_conversations,
          count: voice_conversations,
        },
})

export const users = (
  description: string,
  name: 'end_users' | 'new_end_users',
  asks: 'END_USERS' | 'NEW_END_USERS',
): Measure => ({
  description,
  unit: 'COUNT',
  sums: [],
  asks,
  read: (found) => ({ value: found[name] ?? 0, count: found[name] ?? 0 }),
})
