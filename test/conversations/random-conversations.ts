import type { Filter, ModelConversation, ModelMessage } from './conversation-model.ts'
import type { Random } from './random.ts'

/** Random conversations and filters over few values, so that most filters fit some and leave out others. */

const OPEN = ['QUEUED', 'RINGING', 'ACTIVE'] as const
const FINAL = ['COMPLETED', 'ABANDONED', 'FAILED', 'DECLINED', 'MISSED'] as const
const CHANNELS = ['CHAT', 'TICKET', 'VOICE', 'EMAIL', 'OTHER']
const DIRECTIONS = ['INBOUND', 'OUTBOUND', 'WEB']
const OUTCOMES = ['BOT_HANDLED', 'HUMAN_AGENT', 'EMAIL', 'CUSTOM_ESCALATION', 'FAILED_ESCALATION']
const RESOLUTIONS = ['INFORMED', 'RESOLVED', 'ESCALATED', 'UNDEFINED']
const ANALYSIS_STATUSES = ['PENDING', 'RUNNING', 'COMPLETED', 'FAILED']
const ENTRY_IDS = ['entry-1', 'entry-2', 'entry-3', 'entry-4', 'entry-5']
const NAMES = ['a', 'b', 'c', "it's", 'Ä %_"\\']
const LANGUAGES = ['en', 'EN', 'en-US', 'pt-BR', 'zh-Hant']
export const AGENTS = ['agent-1', 'agent-2', 'agent-3']
const WORDS = ['red', 'green', 'blue', 'größe', 'kaffee', '東京']
/** Quarters and eighths: their sums are exact, whichever way they are added. */
const SENTIMENTS = [-1, -0.5, -0.25, 0, 0.125, 0.5, 1]

const START = Date.parse('2026-01-01T00:00:00Z')
const HOUR = 3_600_000
const time = (random: Random) => START + random.below(12) * HOUR
const iso = (time: number) => new Date(time).toISOString()

function message(random: Random): ModelMessage {
  const kind = random.pick(['CHAT', 'CHAT', 'CHAT', 'TOOL', 'EVENT'] as const)
  if (kind === 'TOOL') return { kind, name: random.pick(NAMES) }
  if (kind === 'EVENT') return { kind, name: random.pick(NAMES), visibility: random.pick(['PUBLIC', 'INTERNAL']) }
  const role = random.pick(['SYSTEM', 'USER', 'USER', 'ASSISTANT', 'HUMAN_AGENT'] as const)
  return {
    kind,
    role,
    content: Array.from({ length: 1 + random.below(4) }, () => random.pick(WORDS)).join(' '),
    rating: random.maybe(random.pick([-1, 0, 1]), 0.3),
    sentiment: random.maybe(random.pick(SENTIMENTS), 0.5),
    understood: role === 'SYSTEM' ? null : random.maybe(random.chance(0.8), 0.5),
    intent: random.maybe(random.pick(NAMES), 0.3),
  }
}

/** One conversation; ids and the times that the server sets are filled in once it is logged. */
export function conversation(random: Random, index: number): ModelConversation {
  const isOpen = random.chance(0.3)
  const startedAt = time(random)
  return {
    id: '',
    externalId: random.maybe(`conversation-${index}`),
    status: isOpen ? random.pick(OPEN) : random.pick(FINAL),
    channel: random.maybe(random.pick(CHANNELS)),
    direction: random.maybe(random.pick(DIRECTIONS)),
    campaign: random.maybe(random.pick(NAMES)),
    isTest: random.chance(0.3),
    isLlmConversation: random.maybe(random.chance(0.5)),
    llmStats: random.maybe({ fallbackCount: 1 }),
    agentIds: random.some(AGENTS, 2),
    endUserId: random.maybe(random.pick(NAMES)),
    companyName: random.maybe(random.pick(NAMES)),
    endReason: random.maybe(random.pick(NAMES)),
    language: random.maybe(random.pick(LANGUAGES)),
    model: random.maybe(random.pick(NAMES)),
    labels: random.some(NAMES, 3),
    outcome: random.maybe(random.pick(OUTCOMES)),
    resolution: random.maybe(random.pick(RESOLUTIONS)),
    analysis: random.maybe({ status: random.pick(ANALYSIS_STATUSES), tags: random.maybe(random.some(NAMES, 3)) }),
    startedAt,
    endedAt: isOpen ? null : startedAt + random.below(4) * 1_300,
    createdAt: time(random),
    updatedAt: time(random),
    messages: Array.from({ length: 1 + random.below(5) }, (_, i) => ({
      ...message(random),
      // Unique in the conversation.
      externalId: random.maybe(ENTRY_IDS[i] ?? null, 0.3),
    })),
  }
}

/** What logs it. */
export function toInput(row: ModelConversation) {
  const { id, agentIds, createdAt, updatedAt, messages, ...fields } = row
  return {
    ...fields,
    startedAt: iso(row.startedAt),
    endedAt: row.endedAt && iso(row.endedAt),
    agents: agentIds.map((externalId) => ({ externalId })),
    messages: messages.map(({ kind, ...fields }) => ({
      [kind.toLowerCase()]: { ...fields, ...(fields.intent ? { intent: { name: fields.intent } } : {}) },
    })),
  }
}

type Generators = { [Name in keyof Filter]-?: (random: Random, depth: number) => NonNullable<Filter[Name]> }

const list = (values: readonly string[]) => (random: Random) => random.some([...values, values[0] as string], 3)

function times(random: Random) {
  const from = time(random)
  const kind = random.below(4)
  if (kind === 0) return {}
  if (kind === 1) return { from: iso(from) }
  if (kind === 2) return { to: iso(from) }
  return { from: iso(from), to: iso(from + random.below(8) * HOUR) }
}

const range = (values: readonly number[]) => (random: Random) => ({
  ...(random.chance(0.5) ? { [random.pick(['gt', 'gte'])]: random.pick(values) } : {}),
  ...(random.chance(0.5) ? { [random.pick(['lt', 'lte'])]: random.pick(values) } : {}),
})

function search(random: Random): string {
  const [a, b] = [random.pick(WORDS), random.pick(WORDS)]
  return random.pick([a, a.toUpperCase(), `${a} ${b}`, `"${a} ${b}"`, `${a} or ${b}`, `${a} -${b}`, `-${a}`, 'unheard'])
}

const GENERATORS: Generators = {
  startedAt: times,
  endedAt: times,
  createdAt: times,
  updatedAt: times,
  externalIds: (random) => Array.from({ length: random.below(30) }, () => `conversation-${random.below(70)}`),
  statuses: list([...OPEN, ...FINAL]),
  channels: list(CHANNELS),
  directions: list(DIRECTIONS),
  campaigns: list(NAMES),
  agents: (random) =>
    random.some(AGENTS, 3).map((agent) => (random.chance(0.5) ? { id: agent } : { externalId: agent })),
  endUserIds: list(NAMES),
  companyNames: list(NAMES),
  endReasons: list(NAMES),
  languages: list(LANGUAGES),
  models: list([...NAMES, 'A']),
  labels: list(NAMES),
  outcomes: list(OUTCOMES),
  resolutions: list(RESOLUTIONS),
  isTest: (random) => random.chance(0.5),
  isLlmConversation: (random) => random.chance(0.5),
  ratings: (random) => random.some([-1, 0, 1, 7], 2),
  sentiment: range([...SENTIMENTS, 1 / 3]),
  durationMs: range([0, 1300, 2000, 3900]),
  messageCount: range([1, 2, 2.5, 4]),
  hasNotUnderstood: (random) => random.chance(0.5),
  toolNames: list(NAMES),
  eventNames: list(NAMES),
  messageExternalIds: list(ENTRY_IDS),
  intents: list(NAMES),
  analysisStatuses: list(ANALYSIS_STATUSES),
  analysisTags: list(NAMES),
  analysisPending: (random) => random.chance(0.5),
  search,
  and: (random, depth) => Array.from({ length: random.below(3) }, () => filter(random, depth + 1)),
  or: (random, depth) => Array.from({ length: random.below(4) }, () => filter(random, depth + 1)),
  not: (random, depth) => filter(random, depth + 1),
}

const NAMES_OF_FIELDS = Object.keys(GENERATORS) as (keyof Filter)[]
const COMBINING = ['and', 'or', 'not', 'or', 'not', 'not'] as const

/** One to three conditions, a third of them combinations of others, up to three levels deep. */
export function filter(random: Random, depth = 0): Filter {
  const names = Array.from({ length: 1 + random.below(depth === 0 ? 3 : 2) }, () =>
    depth < 3 && random.chance(0.35) ? random.pick(COMBINING) : random.pick(NAMES_OF_FIELDS.slice(0, -3)),
  )
  return Object.fromEntries(names.map((name) => [name, random.chance(0.03) ? null : GENERATORS[name](random, depth)]))
}
