import { Prisma } from '../database/generated/client/client.ts'
import type { DerivedField, MessageKind, MessageRole, Visibility } from '../database/generated/client/enums.ts'
import type { SearchColumns } from '../search/message-search.sql.ts'

type Maybe<Value> = Value | null | undefined

/** A file that belongs to a chat message, and is kept elsewhere. */
export interface Attachment {
  url: string
  name?: Maybe<string>
  mediaType?: Maybe<string>
}

/** The reply of a dialogue that a chat message is. */
export interface Reply {
  name: string
  externalId?: Maybe<string>
  type?: Maybe<string>
}

/** A row of `messages` before it has a sequence. Names are those of the columns. */
export interface NewMessageRow extends Partial<SearchColumns> {
  id: string
  kind: MessageKind
  timestamp: Date
  metadata: Record<string, unknown>
  /** The columns that Parley derived. */
  derived: DerivedField[]
  external_id?: Maybe<string>
  agent_id?: Maybe<string>
  role?: Maybe<MessageRole>
  content?: Maybe<string>
  model?: Maybe<string>
  token_count?: Maybe<number>
  cost?: Maybe<number>
  latency_ms?: Maybe<number>
  rating?: Maybe<number>
  sentiment?: Maybe<number>
  language?: Maybe<string>
  translation?: Maybe<string>
  understood?: Maybe<boolean>
  intent_name?: Maybe<string>
  intent_meaningful?: Maybe<boolean>
  intent_external_id?: Maybe<string>
  reply?: Maybe<Reply>
  participant_id?: Maybe<string>
  ended_at?: Maybe<Date>
  attachments?: Maybe<readonly Attachment[]>
  name?: Maybe<string>
  input?: unknown
  output?: unknown
  thought?: Maybe<string>
  error?: Maybe<string>
  duration_ms?: Maybe<number>
  visibility?: Maybe<Visibility>
  payload?: unknown
  redactions?: object
}

/** A row of `messages` that may have no time yet. */
export type UntimedRow = Omit<NewMessageRow, 'timestamp'> & { timestamp: Date | null }

/** The columns of a conversation that count or sum its messages. */
export interface MessageTotals {
  message_count: number
  system_message_count: number
  user_message_count: number
  assistant_message_count: number
  human_agent_message_count: number
  tool_call_count: number
  tool_error_count: number
  public_event_count: number
  internal_event_count: number
  understood_count: number
  not_understood_count: number
  token_count: number
  cost: Prisma.Decimal
  priced_message_count: number
  rating_count: number
  rating_sum: number
  sentiment_count: number
  sentiment_sum: number
  latency_count: number
  latency_sum_ms: number
  last_message_at: Date | null
}

export function totalsOf(messages: readonly NewMessageRow[]): MessageTotals {
  const count = (fits: (message: NewMessageRow) => boolean) => messages.filter(fits).length
  const sum = (part: (message: NewMessageRow) => Maybe<number>, of = messages) =>
    of.reduce((all, message) => all + (part(message) ?? 0), 0)
  const answers = messages.filter((message) => message.role === 'ASSISTANT')
  const questions = messages.filter((message) => message.role === 'USER')
  return {
    message_count: messages.length,
    system_message_count: count((message) => message.role === 'SYSTEM'),
    user_message_count: count((message) => message.role === 'USER'),
    assistant_message_count: count((message) => message.role === 'ASSISTANT'),
    human_agent_message_count: count((message) => message.role === 'HUMAN_AGENT'),
    tool_call_count: count((message) => message.kind === 'TOOL'),
    tool_error_count: count((message) => message.kind === 'TOOL' && message.error != null),
    public_event_count: count((message) => message.visibility === 'PUBLIC'),
    internal_event_count: count((message) => message.visibility === 'INTERNAL'),
    understood_count: questions.filter((message) => message.understood === true).length,
    not_understood_count: questions.filter((message) => message.understood === false).length,
    token_count: sum((message) => message.token_count),
    cost: exactSum(messages.flatMap((message) => message.cost ?? [])),
    priced_message_count: count((message) => message.cost != null),
    rating_count: answers.filter((message) => message.rating != null).length,
    rating_sum: sum((message) => message.rating, answers),
    sentiment_count: questions.filter((message) => message.sentiment != null).length,
    // Each is rounded as its column rounds it, so that the sum does not depend on how the messages came in.
    sentiment_sum: sum((message) => rounded(message.sentiment, 9), questions),
    latency_count: answers.filter((message) => message.latency_ms != null).length,
    latency_sum_ms: sum((message) => rounded(message.latency_ms, 3), answers),
    last_message_at: latest(messages.map((message) => message.timestamp)),
  }
}

/** With room for all digits that a sum of doubles can have. */
const Decimal = Prisma.Decimal.clone({ precision: 400 })
const ZERO = new Decimal(0)

/** Sums the decimals that doubles are written as: 0.1 + 0.2 is 0.3. (As doubles, it would be 0.30000000000000004.) */
const exactSum = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum.plus(number), ZERO)

const rounded = (value: Maybe<number>, digits: number) => (value == null ? value : Number(value.toFixed(digits)))

/** Ignores null; returns null if there are no times. */
export const earliest = (times: readonly (Date | null)[]) => extreme(times, (a, b) => a < b)
export const latest = (times: readonly (Date | null)[]) => extreme(times, (a, b) => a > b)

const extreme = (times: readonly (Date | null)[], better: (a: Date, b: Date) => boolean) =>
  times.reduce((best, time) => (time !== null && (best === null || better(time, best)) ? time : best), null)
