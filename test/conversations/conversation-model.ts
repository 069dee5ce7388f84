/** What ConversationFilter means, said once more in TypeScript over the inputs: tests compare the server with it. */

export interface ModelMessage {
  kind: 'CHAT' | 'TOOL' | 'EVENT'
  externalId?: string | null
  role?: 'SYSTEM' | 'USER' | 'ASSISTANT' | 'HUMAN_AGENT'
  /** Words without punctuation, so that splitting at spaces is what a search does. */
  content?: string
  name?: string
  visibility?: 'PUBLIC' | 'INTERNAL'
  rating?: number | null
  sentiment?: number | null
  understood?: boolean | null
  intent?: string | null
}

/** Times are milliseconds since 1970. */
export interface ModelConversation {
  id: string
  externalId: string | null
  status: string
  channel: string | null
  direction: string | null
  campaign: string | null
  isTest: boolean
  isLlmConversation: boolean | null
  llmStats: object | null
  /** Ids and external ids. */
  agentIds: string[]
  endUserId: string | null
  companyName: string | null
  endReason: string | null
  language: string | null
  model: string | null
  labels: string[]
  outcome: string | null
  resolution: string | null
  analysis: { status: string; tags: string[] | null } | null
  startedAt: number
  endedAt: number | null
  createdAt: number
  updatedAt: number
  messages: ModelMessage[]
}

export interface Range {
  gt?: number
  gte?: number
  lt?: number
  lte?: number
}

export interface Times {
  from?: string
  to?: string
}

type List = string[]

export interface Filter {
  startedAt?: Times | null
  endedAt?: Times | null
  createdAt?: Times | null
  updatedAt?: Times | null
  externalIds?: List | null
  statuses?: List | null
  channels?: List | null
  directions?: List | null
  campaigns?: List | null
  agents?: { id?: string; externalId?: string }[] | null
  endUserIds?: List | null
  companyNames?: List | null
  endReasons?: List | null
  languages?: List | null
  models?: List | null
  labels?: List | null
  outcomes?: List | null
  resolutions?: List | null
  isTest?: boolean | null
  isLlmConversation?: boolean | null
  ratings?: number[] | null
  sentiment?: Range | null
  durationMs?: Range | null
  messageCount?: Range | null
  hasNotUnderstood?: boolean | null
  toolNames?: List | null
  eventNames?: List | null
  messageExternalIds?: List | null
  intents?: List | null
  analysisStatuses?: List | null
  analysisTags?: List | null
  analysisPending?: boolean | null
  search?: string | null
  and?: Filter[] | null
  or?: Filter[] | null
  not?: Filter | null
}

/** Whether a conversation fits, for a credential that sees internals or does not. */
export const fits = (filter: Filter, row: ModelConversation, internals: boolean): boolean =>
  (Object.keys(filter) as (keyof Filter)[]).every((name) => {
    // Each rule takes what its own field holds; TypeScript does not follow that through a computed name.
    const rule = RULES[name] as (wanted: unknown, row: ModelConversation, internals: boolean) => boolean
    return filter[name] == null || rule(filter[name], row, internals)
  })

const RULES: {
  [Name in keyof Filter]-?: (wanted: NonNullable<Filter[Name]>, row: ModelConversation, internals: boolean) => boolean
} = {
  startedAt: (times, row) => inTime(times, row.startedAt),
  endedAt: (times, row) => inTime(times, row.endedAt),
  createdAt: (times, row) => inTime(times, row.createdAt),
  updatedAt: (times, row) => inTime(times, row.updatedAt),
  externalIds: (list, row) => holds(list, row.externalId),
  statuses: (list, row) => holds(list, row.status),
  channels: (list, row) => holds(list, row.channel),
  directions: (list, row) => holds(list, row.direction),
  campaigns: (list, row) => holds(list, row.campaign),
  agents: (list, row) => list.some(({ id, externalId = '' }) => row.agentIds.includes(id ?? externalId)),
  endUserIds: (list, row) => holds(list, row.endUserId),
  companyNames: (list, row) => holds(list, row.companyName),
  endReasons: (list, row) => holds(list, row.endReason),
  languages: (list, row) => holds(list, row.language),
  models: (list, row) => holds(list, row.model),
  labels: (list, row) => row.labels.some((label) => list.includes(label)),
  outcomes: (list, row) => holds(list, row.outcome),
  resolutions: (list, row) => holds(list, row.resolution),
  isTest: (wanted, row) => row.isTest === wanted,
  isLlmConversation: (wanted, row) => (row.isLlmConversation ?? (row.llmStats && true)) === wanted,
  ratings: (list, row, internals) =>
    seen(row, internals).some((message) => message.rating != null && list.includes(message.rating)),
  sentiment: (range, row) => inRange(range, meanSentiment(row)),
  durationMs: (range, row) =>
    inRange(range, row.endedAt === null || row.endedAt === row.startedAt ? null : row.endedAt - row.startedAt),
  messageCount: (range, row, internals) => inRange(range, seen(row, internals).length),
  hasNotUnderstood: (wanted, row) =>
    row.messages.some(({ role, understood }) => role === 'USER' && understood === false) === wanted,
  toolNames: (list, row) => row.messages.some((message) => message.kind === 'TOOL' && holds(list, message.name)),
  eventNames: (list, row, internals) =>
    seen(row, internals).some((message) => message.kind === 'EVENT' && holds(list, message.name)),
  messageExternalIds: (list, row, internals) => seen(row, internals).some((message) => holds(list, message.externalId)),
  intents: (list, row, internals) => seen(row, internals).some((message) => holds(list, message.intent)),
  analysisStatuses: (list, { analysis }) => holds(list, analysis?.status),
  analysisTags: (list, { analysis }) => (analysis?.tags ?? []).some((tag) => list.includes(tag)),
  analysisPending: (wanted, { status, analysis }) =>
    (!['QUEUED', 'RINGING', 'ACTIVE'].includes(status) && !['COMPLETED', 'FAILED'].includes(analysis?.status ?? '')) ===
    wanted,
  search: (query, row, internals) =>
    seen(row, internals).some((message) => message.kind === 'CHAT' && found(query, message.content ?? '')),
  and: (parts, row, internals) => parts.every((part) => fits(part, row, internals)),
  or: (parts, row, internals) => parts.some((part) => fits(part, row, internals)),
  not: (part, row, internals) => !fits(part, row, internals),
}

const holds = (list: readonly string[], value: string | null | undefined) => value != null && list.includes(value)

function inTime({ from, to }: Times, time: number | null) {
  if (from !== undefined && (time === null || time < Date.parse(from))) return false
  return to === undefined || (time !== null && time < Date.parse(to))
}

function inRange({ gt, gte, lt, lte }: Range, value: number | null) {
  const bound = (given: number | undefined, holds: (value: number, given: number) => boolean) =>
    given === undefined || (value !== null && holds(value, given))
  return (
    bound(gt, (a, b) => a > b) &&
    bound(gte, (a, b) => a >= b) &&
    bound(lt, (a, b) => a < b) &&
    bound(lte, (a, b) => a <= b)
  )
}

const isInternal = (message: ModelMessage) => message.role === 'SYSTEM' || message.visibility === 'INTERNAL'

const seen = (row: ModelConversation, internals: boolean) =>
  row.messages.filter((message) => internals || !isInternal(message))

function meanSentiment(row: ModelConversation): number | null {
  const given = row.messages.flatMap((message) => (message.role === 'USER' ? (message.sentiment ?? []) : []))
  return given.length === 0 ? null : given.reduce((sum, value) => sum + value, 0) / given.length
}

/** `a or b`, each of words, `-words` and `"phrases"`. */
function found(query: string, content: string): boolean {
  // ß is ss in upper case, and stays that.
  const fold = (text: string) => text.toUpperCase().toLowerCase()
  const words = fold(content).split(' ')
  const hasPhrase = (phrase: string) => ` ${words.join(' ')} `.includes(` ${phrase} `)
  return query.split(' or ').some((alternative) =>
    (alternative.match(/-?"[^"]+"|\S+/g) ?? []).every((term) => {
      const negated = term.startsWith('-')
      return hasPhrase(fold(term.replace(/^-/, '').replaceAll('"', ''))) !== negated
    }),
  )
}
