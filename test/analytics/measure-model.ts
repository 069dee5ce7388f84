import type { Dimension } from '../../src/analytics/dimensions.sql.ts'
import type { MeasureName } from '../../src/analytics/measures.ts'
import type { Ask } from '../support/server.ts'

/** What each measure means, said once more over transcripts as they are read back: tests compare series with it. */

interface StoredMessage {
  __typename: 'ChatMessage' | 'ToolCall' | 'ConversationEvent'
  role?: string
  tokenCount?: number | null
  costUsd?: number | null
  latencyMs?: number | null
  rating?: number | null
  sentiment?: number | null
  understood?: boolean | null
  intent?: { name: string } | null
  name?: string
  failed?: boolean
  visibility?: string
  timestamp: string
  sequence: number
}

export interface StoredConversation {
  id: string
  status: string
  channel: string | null
  direction: string | null
  campaign: string | null
  endReason: string | null
  language: string | null
  model: string | null
  outcome: string | null
  resolution: string | null
  labels: string[]
  companyName: string | null
  analysis: { tags: string[] } | null
  isTest: boolean
  endUserId: string | null
  metadata: Record<string, unknown>
  agents: { id: string }[]
  startedAt: string
  endedAt: string | null
  messages: { nodes: StoredMessage[] }
}

const STORED = `query ($after: String) { conversations(first: 50, after: $after) {
  pageInfo { endCursor hasNextPage }
  nodes {
    id status channel direction campaign endReason language model outcome resolution labels isTest endUserId companyName analysis { tags } metadata agents { id } startedAt endedAt
    messages(first: 100) { nodes {
      __typename timestamp sequence
      ... on ChatMessage { role tokenCount costUsd latencyMs rating sentiment understood intent { name } }
      ... on ToolCall { name failed costUsd }
      ... on ConversationEvent { name visibility }
    } }
  }
} }`

/** Everything that the credential can read. */
export async function readAll(ask: Ask): Promise<StoredConversation[]> {
  const all: StoredConversation[] = []
  for (let after: string | null = null; ; ) {
    const { data, errors } = await ask(STORED, { after })
    if (errors) throw new Error(JSON.stringify(errors))
    all.push(...data.conversations.nodes)
    if (!data.conversations.pageInfo.hasNextPage) return all
    after = data.conversations.pageInfo.endCursor
  }
}

/** `all` are those that count, whatever the filter and the range. */
type Model = (found: readonly StoredConversation[], all: readonly StoredConversation[]) => number | null

const messages = (found: readonly StoredConversation[], role?: string) =>
  found.flatMap((one) => one.messages.nodes).filter((message) => role === undefined || message.role === role)
/** Without the error that adding doubles has: of numbers with up to twelve decimals. */
const sum = (numbers: readonly number[]) =>
  Number(numbers.reduce((all, number) => all + BigInt(Math.round(number * 1e12)), 0n)) / 1e12
const mean = (numbers: readonly number[]) => (numbers.length === 0 ? null : sum(numbers) / numbers.length)
const share = (part: number, whole: number) => (whole === 0 ? null : part / whole)

const countOf =
  (fits: (one: StoredConversation) => boolean): Model =>
  (found) =>
    found.filter(fits).length
const shareOf =
  (fits: (one: StoredConversation) => boolean): Model =>
  (found) =>
    share(found.filter(fits).length, found.length)
const valuesOf =
  (name: 'costUsd' | 'tokenCount' | 'latencyMs' | 'rating' | 'sentiment', role?: string) =>
  (found: readonly StoredConversation[]) =>
    messages(found, role).flatMap((message) => message[name] ?? [])
const tools = (found: readonly StoredConversation[]) =>
  messages(found).filter(({ __typename }) => __typename === 'ToolCall')
const events = (found: readonly StoredConversation[]) =>
  messages(found).filter(({ __typename }) => __typename === 'ConversationEvent')
const durations = (found: readonly StoredConversation[]) =>
  found.flatMap(({ startedAt, endedAt }) => {
    const ms = endedAt ? Date.parse(endedAt) - Date.parse(startedAt) : 0
    return ms > 0 ? [ms] : []
  })
const VOICE_EVENTS = ['STT_FINAL', 'LLM_REQUEST', 'LLM_FIRST_TOKEN', 'TTS_STREAM', 'INTERRUPTION']
const voiceEvents = (one: StoredConversation) =>
  events([one])
    .filter(({ name, visibility }) => visibility === 'INTERNAL' && VOICE_EVENTS.includes(name ?? ''))
    .sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp) || a.sequence - b.sequence)
/** From each event that begins one to the next that ends it, unless it begins anew or is interrupted before. */
const voiceSteps = (begin: string, end: string) => (found: readonly StoredConversation[]) =>
  found.map(voiceEvents).flatMap((inOrder) =>
    inOrder.flatMap(({ name, timestamp }, i) => {
      if (name !== begin) return []
      const next = inOrder.slice(i + 1).find(({ name = '' }) => [begin, end, 'INTERRUPTION'].includes(name))
      return next?.name === end ? [Date.parse(next.timestamp) - Date.parse(timestamp)] : []
    }),
  )
const sttToLlm = voiceSteps('STT_FINAL', 'LLM_REQUEST')
const timeToFirstToken = voiceSteps('LLM_REQUEST', 'LLM_FIRST_TOKEN')
const firstTokenToTts = voiceSteps('LLM_FIRST_TOKEN', 'TTS_STREAM')
const voiceLatency = voiceSteps('STT_FINAL', 'TTS_STREAM')
const interruptions = (found: readonly StoredConversation[]) =>
  found.flatMap(voiceEvents).filter(({ name }) => name === 'INTERRUPTION').length
const withVoice = (found: readonly StoredConversation[]) => found.filter((one) => voiceEvents(one).length > 0).length
const misunderstood = (found: readonly StoredConversation[]) =>
  messages(found, 'USER').filter(({ understood }) => understood === false).length
const users = (found: readonly StoredConversation[]) => new Set(found.flatMap(({ endUserId }) => endUserId ?? []))
const priced = (found: readonly StoredConversation[]) =>
  found.filter((one) => valuesOf('costUsd')([one]).length > 0).length

/** Linear interpolation between the two nearest. */
function percentile(numbers: readonly number[], part: number): number | null {
  const sorted = [...numbers].sort((a, b) => a - b)
  const place = (sorted.length - 1) * part
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  return low === undefined || high === undefined ? null : low + (high - low) * (place - Math.floor(place))
}

const byStart = (a: StoredConversation, b: StoredConversation) =>
  Date.parse(a.startedAt) - Date.parse(b.startedAt) || (a.id < b.id ? -1 : 1)

export const MODEL: Record<MeasureName, Model> = {
  CONVERSATIONS: (found) => found.length,
  SUGGESTION_ONLY_CONVERSATIONS: countOf((one) => messages([one], 'ASSISTANT').length === 0),
  MESSAGES: (found) => messages(found).length,
  SYSTEM_MESSAGES: (found) => messages(found, 'SYSTEM').length,
  USER_MESSAGES: (found) => messages(found, 'USER').length,
  ASSISTANT_MESSAGES: (found) => messages(found, 'ASSISTANT').length,
  HUMAN_AGENT_MESSAGES: (found) => messages(found, 'HUMAN_AGENT').length,
  TURNS_MEAN: (found) => share(messages(found, 'USER').length, found.length),
  END_USERS: (found) => users(found).size,
  NEW_END_USERS: (found, all) => {
    const inOrder = [...all].sort(byStart)
    return found.filter((one) => one.endUserId && one === inOrder.find(({ endUserId }) => endUserId === one.endUserId))
      .length
  },
  RATING_MEAN: (found) => mean(valuesOf('rating', 'ASSISTANT')(found)),
  RATING_SUM: (found) => sum(valuesOf('rating', 'ASSISTANT')(found)),
  SENTIMENT_MEAN: (found) => mean(valuesOf('sentiment', 'USER')(found)),
  COST_SUM: (found) => sum(valuesOf('costUsd')(found)),
  COST_MEAN: (found) => share(sum(valuesOf('costUsd')(found)), priced(found)),
  TOKENS_SUM: (found) => sum(valuesOf('tokenCount')(found)),
  TOKENS_MEAN: (found) => share(sum(valuesOf('tokenCount')(found)), found.length),
  DURATION_SUM: (found) => sum(durations(found)),
  DURATION_MEAN: (found) => mean(durations(found)),
  DURATION_P50: (found) => percentile(durations(found), 0.5),
  DURATION_P95: (found) => percentile(durations(found), 0.95),
  LATENCY_MEAN: (found) => mean(valuesOf('latencyMs', 'ASSISTANT')(found)),
  LATENCY_P50: (found) => percentile(valuesOf('latencyMs', 'ASSISTANT')(found), 0.5),
  LATENCY_P95: (found) => percentile(valuesOf('latencyMs', 'ASSISTANT')(found), 0.95),
  STT_TO_LLM_MEAN: (found) => mean(sttToLlm(found)),
  TIME_TO_FIRST_TOKEN_MEAN: (found) => mean(timeToFirstToken(found)),
  TIME_TO_FIRST_TOKEN_P50: (found) => percentile(timeToFirstToken(found), 0.5),
  TIME_TO_FIRST_TOKEN_P95: (found) => percentile(timeToFirstToken(found), 0.95),
  FIRST_TOKEN_TO_TTS_MEAN: (found) => mean(firstTokenToTts(found)),
  VOICE_LATENCY_MEAN: (found) => mean(voiceLatency(found)),
  VOICE_LATENCY_P50: (found) => percentile(voiceLatency(found), 0.5),
  VOICE_LATENCY_P95: (found) => percentile(voiceLatency(found), 0.95),
  INTERRUPTIONS: interruptions,
  INTERRUPTIONS_MEAN: (found) => share(interruptions(found), withVoice(found)),
  EVENTS: (found) => events(found).length,
  TOOL_CALLS: (found) => tools(found).length,
  TOOL_ERROR_RATE: (found) => share(tools(found).filter(({ failed }) => failed).length, tools(found).length),
  NOT_UNDERSTOOD_RATE: (found) => share(misunderstood(found), messages(found, 'USER').length),
  MESSAGES_UNDERSTOOD_RATE: (found) => {
    const asked = messages(found, 'USER').length
    return share(asked - misunderstood(found), asked)
  },
  MESSAGES_WITH_UNDERSTOOD: (found) => messages(found, 'USER').filter(({ understood }) => understood !== null).length,
  CONVERSATIONS_WITH_OUTCOME: countOf(({ outcome }) => outcome !== null),
  CONVERSATIONS_WITH_RESOLUTION: countOf(({ resolution }) => resolution !== null),
  BOT_HANDLED_CONVERSATIONS: countOf(({ outcome }) => outcome === 'BOT_HANDLED'),
  BOT_HANDLED_RATE: shareOf(({ outcome }) => outcome === 'BOT_HANDLED'),
  DEFLECTION_RATE: shareOf(({ outcome }) => outcome === 'BOT_HANDLED' || outcome === 'FAILED_ESCALATION'),
  ESCALATION_RATE: shareOf(({ outcome }) => ['HUMAN_AGENT', 'EMAIL', 'CUSTOM_ESCALATION'].includes(outcome ?? '')),
  FAILED_ESCALATION_RATE: shareOf(({ outcome }) => outcome === 'FAILED_ESCALATION'),
  INFORMED_RATE: shareOf(({ resolution }) => resolution === 'INFORMED'),
  AUTOMATION_RATE: shareOf(({ resolution }) => resolution === 'INFORMED' || resolution === 'RESOLVED'),
  COMPLETION_RATE: shareOf(({ status }) => status === 'COMPLETED'),
  ABANDONMENT_RATE: shareOf(({ status }) => status === 'ABANDONED'),
}

const conversations: Model = (found) => found.length
const rated: Model = (found) => valuesOf('rating', 'ASSISTANT')(found).length
const timed: Model = (found) => valuesOf('latencyMs', 'ASSISTANT')(found).length
const lasting: Model = (found) => durations(found).length
const firstTokens: Model = (found) => timeToFirstToken(found).length
const voiced: Model = (found) => voiceLatency(found).length
const ofUsers: Model = (found) => messages(found, 'USER').length

/** On how many things the value of a measure rests. What counts rests on what it counts. */
export const COUNTED: Partial<Record<MeasureName, Model>> = {
  TURNS_MEAN: conversations,
  RATING_MEAN: rated,
  RATING_SUM: rated,
  SENTIMENT_MEAN: (found) => valuesOf('sentiment', 'USER')(found).length,
  COST_SUM: priced,
  COST_MEAN: priced,
  TOKENS_SUM: conversations,
  TOKENS_MEAN: conversations,
  DURATION_SUM: lasting,
  DURATION_MEAN: lasting,
  DURATION_P50: lasting,
  DURATION_P95: lasting,
  LATENCY_MEAN: timed,
  LATENCY_P50: timed,
  LATENCY_P95: timed,
  STT_TO_LLM_MEAN: (found) => sttToLlm(found).length,
  TIME_TO_FIRST_TOKEN_MEAN: firstTokens,
  TIME_TO_FIRST_TOKEN_P50: firstTokens,
  TIME_TO_FIRST_TOKEN_P95: firstTokens,
  FIRST_TOKEN_TO_TTS_MEAN: (found) => firstTokenToTts(found).length,
  VOICE_LATENCY_MEAN: voiced,
  VOICE_LATENCY_P50: voiced,
  VOICE_LATENCY_P95: voiced,
  INTERRUPTIONS_MEAN: withVoice,
  TOOL_ERROR_RATE: (found) => tools(found).length,
  NOT_UNDERSTOOD_RATE: ofUsers,
  MESSAGES_UNDERSTOOD_RATE: ofUsers,
  BOT_HANDLED_RATE: conversations,
  DEFLECTION_RATE: conversations,
  ESCALATION_RATE: conversations,
  FAILED_ESCALATION_RATE: conversations,
  INFORMED_RATE: conversations,
  AUTOMATION_RATE: conversations,
  COMPLETION_RATE: conversations,
  ABANDONMENT_RATE: conversations,
}

/** What conversations are told apart by; messages are by their language alone, see languages.test.ts. */
type GroupName = Exclude<Dimension, 'MESSAGE_LANGUAGE'> | 'METADATA'

/** The keys of a conversation in each dimension, and under one metadata path; one without any has the key null. */
export function groupKeys(group: GroupName, one: StoredConversation): unknown[] {
  const key = GROUP_KEYS[group](one)
  if (!COUNTS_IN_EACH.includes(group)) return [key]
  return (key as unknown[]).length === 0 ? [null] : (key as unknown[])
}

/** A conversation that has several counts in the group of each. */
export const COUNTS_IN_EACH = ['AGENT', 'LABEL', 'TOOL_NAME', 'EVENT_NAME', 'ANALYSIS_TAG']

export const GROUP_KEYS: Record<GroupName, (one: StoredConversation) => unknown> = {
  AGENT: ({ agents }) => agents.map(({ id }) => id),
  STATUS: ({ status }) => status,
  CHANNEL: ({ channel }) => channel,
  DIRECTION: ({ direction }) => direction,
  CAMPAIGN: ({ campaign }) => campaign,
  END_REASON: ({ endReason }) => endReason,
  LANGUAGE: ({ language }) => language,
  MODEL: ({ model }) => model,
  OUTCOME: ({ outcome }) => outcome,
  RESOLUTION: ({ resolution }) => resolution,
  LABEL: ({ labels }) => labels,
  END_USER: ({ endUserId }) => endUserId,
  COMPANY_NAME: ({ companyName }) => companyName,
  FIRST_INTENT: (one) => messages([one]).find(({ intent }) => intent)?.intent?.name ?? null,
  TOOL_NAME: (one) => tools([one]).map(({ name }) => name),
  EVENT_NAME: (one) => events([one]).map(({ name }) => name),
  ANALYSIS_TAG: ({ analysis }) => analysis?.tags ?? [],
  METADATA: ({ metadata }) => metadata['plan'] ?? null,
}
