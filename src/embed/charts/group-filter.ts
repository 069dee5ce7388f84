import type {
  Channel,
  ConversationFilter,
  ConversationSeries,
  ConversationStatus,
  Direction,
  Outcome,
  Resolution,
  SeriesDimension,
  SeriesGroup,
  SeriesGroupBy,
  SeriesPoint,
} from '../../client/generated/schema-types.ts'

/** What was asked for, as far as it says which conversations are counted. */
export interface Selection {
  filter: ConversationFilter | null
  includeTests: boolean
  groupBy: SeriesGroupBy | null
}

const VALUES = <Value extends string>(values: Record<Value, true>) => Object.keys(values) as Value[]

/** All of them: a conversation that matches none has no value. */
const ALL = {
  CHANNEL: VALUES<Channel>({ CHAT: true, TICKET: true, VOICE: true, EMAIL: true, OTHER: true }),
  DIRECTION: VALUES<Direction>({ INBOUND: true, OUTBOUND: true, WEB: true }),
  OUTCOME: VALUES<Outcome>({
    ...{ BOT_HANDLED: true, HUMAN_AGENT: true, EMAIL: true, CUSTOM_ESCALATION: true, FAILED_ESCALATION: true },
  }),
  RESOLUTION: VALUES<Resolution>({ INFORMED: true, RESOLVED: true, ESCALATED: true, UNDEFINED: true }),
}

/** The condition that matches the conversations with a key. */
const CONDITIONS: Partial<Record<SeriesDimension, (key: string) => ConversationFilter>> = {
  AGENT: (id) => ({ agents: [{ id }] }),
  STATUS: (key) => ({ statuses: [key as ConversationStatus] }),
  CHANNEL: (key) => ({ channels: [key as Channel] }),
  DIRECTION: (key) => ({ directions: [key as Direction] }),
  CAMPAIGN: (key) => ({ campaigns: [key] }),
  END_USER: (key) => ({ endUserIds: [key] }),
  COMPANY_NAME: (key) => ({ companyNames: [key] }),
  MODEL: (key) => ({ models: [key] }),
  END_REASON: (key) => ({ endReasons: [key] }),
  OUTCOME: (key) => ({ outcomes: [key as Outcome] }),
  RESOLUTION: (key) => ({ resolutions: [key as Resolution] }),
  LANGUAGE: (key) => ({ languages: [key] }),
  LABEL: (key) => ({ labels: [key] }),
  TOOL_NAME: (key) => ({ toolNames: [key] }),
  EVENT_NAME: (key) => ({ eventNames: [key] }),
  ANALYSIS_TAG: (key) => ({ analysisTags: [key] }),
}

/** Matches the conversations without a key, for the dimensions that can tell. */
const WITHOUT: Partial<Record<SeriesDimension, ConversationFilter>> = {
  CHANNEL: { not: { channels: ALL.CHANNEL } },
  DIRECTION: { not: { directions: ALL.DIRECTION } },
  OUTCOME: { not: { outcomes: ALL.OUTCOME } },
  RESOLUTION: { not: { resolutions: ALL.RESOLUTION } },
}

/**
 * The filter that matches the conversations of one bucket and group. Null if there is none: for the remaining groups,
 * for the language of messages, for the first intent, and for those without a value that can be anything.
 */
export function selectionFilter(
  { filter, includeTests, groupBy }: Selection,
  { from, to }: Pick<ConversationSeries, 'from' | 'to'>,
  { start, end }: Pick<SeriesPoint, 'start' | 'end'>,
  group: SeriesGroup | null,
): ConversationFilter | null {
  const inGroup = group ? groupCondition(groupBy, group) : {}
  if (!inGroup) return null
  // The first and the last bucket may be longer than the range.
  const later = Date.parse(start) < Date.parse(from) ? from : start
  const earlier = Date.parse(end) > Date.parse(to) ? to : end
  const startedAt: ConversationFilter = { startedAt: { from: later, to: earlier } }
  const tests: ConversationFilter = includeTests || filter?.isTest != null ? {} : { isTest: false }
  return bothOf(filter ?? {}, { ...startedAt, ...tests, ...inGroup })
}

function groupCondition(groupBy: SeriesGroupBy | null, { key, isOther }: SeriesGroup): ConversationFilter | null {
  if (isOther || !groupBy) return null
  const { dimension, metadataPath } = groupBy
  if (metadataPath) return metadataCondition(metadataPath, key)
  if (!dimension) return null
  return (key === null ? WITHOUT[dimension] : CONDITIONS[dimension]?.(String(key))) ?? null
}

/** JSON null counts as no value. */
const metadataCondition = (path: string[], key: unknown): ConversationFilter =>
  key === null
    ? { or: [{ metadata: [{ path, exists: false }] }, { metadata: [{ path, eq: null }] }] }
    : { metadata: [{ path, eq: key }] }

/** Conditions on the same field must both hold. */
function bothOf(one: ConversationFilter, other: ConversationFilter): ConversationFilter {
  const given = Object.keys(one).filter((name) => one[name as keyof ConversationFilter] != null)
  return given.some((name) => name in other) ? { and: [one, other] } : { ...one, ...other }
}
