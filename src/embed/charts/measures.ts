import type { MeasureUnit, SeriesMeasure } from '../../client/generated/schema-types.ts'

/** What the components know of a measure. */
export interface Measure {
  unit: MeasureUnit
  /** Counts and sums are drawn as bars; means, shares and percentiles as a line, and may be missing. */
  isSum: boolean
  /** Whether each bucket's value, and each group's, is part of the total: not so if things can count in several. */
  addsUp: boolean
  /** Whether more of it is good. Null: neither, or it depends. */
  moreIs: 'GOOD' | 'BAD' | null
}

type MoreIs = Measure['moreIs']

const sum = (unit: MeasureUnit, moreIs: MoreIs = null): Measure => ({ unit, isSum: true, addsUp: true, moreIs })
const mean = (unit: MeasureUnit, moreIs: MoreIs = null): Measure => ({ unit, isSum: false, addsUp: false, moreIs })
const count = sum('COUNT')
const waiting = mean('MILLISECONDS', 'BAD')
const bad = mean('RATIO', 'BAD')
const good = mean('RATIO', 'GOOD')

export const MEASURES: Readonly<Record<SeriesMeasure, Measure>> = {
  CONVERSATIONS: count,
  SUGGESTION_ONLY_CONVERSATIONS: count,
  MESSAGES: count,
  SYSTEM_MESSAGES: count,
  USER_MESSAGES: count,
  ASSISTANT_MESSAGES: count,
  HUMAN_AGENT_MESSAGES: count,
  TURNS_MEAN: mean('COUNT'),
  // Somebody who comes back counts in several buckets, and maybe in several groups.
  END_USERS: { ...count, addsUp: false },
  NEW_END_USERS: { ...count, addsUp: false, moreIs: 'GOOD' },
  RATING_MEAN: mean('SCORE', 'GOOD'),
  // Negative parts can't be stacked on positive ones.
  RATING_SUM: { ...sum('SCORE', 'GOOD'), addsUp: false },
  SENTIMENT_MEAN: mean('SCORE', 'GOOD'),
  COST_SUM: sum('US_DOLLARS'),
  COST_MEAN: mean('US_DOLLARS', 'BAD'),
  TOKENS_SUM: sum('TOKENS'),
  TOKENS_MEAN: mean('TOKENS'),
  DURATION_SUM: sum('MILLISECONDS'),
  DURATION_MEAN: mean('MILLISECONDS'),
  DURATION_P50: mean('MILLISECONDS'),
  DURATION_P95: mean('MILLISECONDS'),
  LATENCY_MEAN: waiting,
  LATENCY_P50: waiting,
  LATENCY_P95: waiting,
  STT_TO_LLM_MEAN: waiting,
  TIME_TO_FIRST_TOKEN_MEAN: waiting,
  TIME_TO_FIRST_TOKEN_P50: waiting,
  TIME_TO_FIRST_TOKEN_P95: waiting,
  FIRST_TOKEN_TO_TTS_MEAN: waiting,
  VOICE_LATENCY_MEAN: waiting,
  VOICE_LATENCY_P50: waiting,
  VOICE_LATENCY_P95: waiting,
  INTERRUPTIONS: count,
  INTERRUPTIONS_MEAN: mean('COUNT', 'BAD'),
  EVENTS: count,
  TOOL_CALLS: count,
  TOOL_ERROR_RATE: bad,
  NOT_UNDERSTOOD_RATE: bad,
  MESSAGES_WITH_UNDERSTOOD: count,
  MESSAGES_UNDERSTOOD_RATE: good,
  CONVERSATIONS_WITH_OUTCOME: count,
  CONVERSATIONS_WITH_RESOLUTION: count,
  BOT_HANDLED_CONVERSATIONS: count,
  BOT_HANDLED_RATE: good,
  DEFLECTION_RATE: good,
  ESCALATION_RATE: bad,
  FAILED_ESCALATION_RATE: bad,
  INFORMED_RATE: mean('RATIO'),
  AUTOMATION_RATE: good,
  COMPLETION_RATE: good,
  ABANDONMENT_RATE: bad,
}

export const isMeasure = (name: string): name is SeriesMeasure => Object.hasOwn(MEASURES, name)
