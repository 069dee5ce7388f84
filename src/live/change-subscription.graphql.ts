import { queryFromInfo } from '@pothos/plugin-prisma'
import type { Context } from '../context.ts'
import { Conversation } from '../conversations/conversation.graphql.ts'
import {
  ConversationFilter,
  type ConversationFilterInput,
  filterScope,
  parseFilter,
} from '../conversations/conversation-filter.graphql.ts'
import type { ConversationFilter as Filter } from '../conversations/conversation-filter.sql.ts'
import { ParleyError } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { FROM_ROW, readsConversations } from '../graphql/read-extensions.ts'
import type { InputLimits } from '../graphql/read-limits.ts'
import { asRow } from '../graphql/rows.ts'
import { encodeId } from '../input/ids.ts'
import {
  type ConversationChange as Change,
  type ChangePosition,
  type ConversationChangeKind,
  isWithinRetention,
  KEPT_HOURS,
  loadChangeLog,
  loadChanges,
  whichFit,
} from './change-log.sql.ts'
import { LIVE_READ } from './conversation-subscriptions.graphql.ts'
import { LiveQuery, type PollResult, type Reading } from './live-query.ts'
import { decryptResumeToken, encryptResumeToken } from './resume-token.ts'
import { includes } from './snapshot.ts'

/** Follows all conversations that match a filter, and sends which of them changed and how. */

const ChangeKind = builder.enumType('ConversationChangeKind', {
  description:
    'What happened to a conversation. If several things happened at once, DELETED takes precedence over CREATED, CREATED over MESSAGES, and MESSAGES over UPDATED.',
  values: {
    UPDATED: { description: 'Its fields changed, or entries that this credential may not see were appended.' },
    MESSAGES: { description: 'Transcript entries that this credential may see were appended.' },
    CREATED: { description: 'It was stored for the first time.' },
    DELETED: { description: 'It was deleted.' },
  } as const,
})

type VisibleKind = typeof ChangeKind.$inferType

/** The number of changes in one answer, at most. */
const MAX_CHANGES = 500

/** How many answers are kept for slower subscribers: a few seconds' worth. */
const MAX_RECENT = 64

/** How often a resume token is sent if nothing changes, because an old one would expire. */
const TOKEN_EVERY_MS = 600_000

const HOUR_MS = 3_600_000

interface ChangedBatch {
  resumeToken: string
  changes: { kind: VisibleKind; id: string; fits: boolean }[]
}

/** How far changes were read, when that was, and when something was last sent. */
interface Cursor {
  position: ChangePosition
  sentMs: number
  readMs: number
}

function liveConversations(
  input: ConversationFilterInput | null | undefined,
  after: string | null | undefined,
): LiveQuery<Cursor, ChangedBatch> {
  const filter = parseFilter(input)
  return new LiveQuery<Cursor, ChangedBatch>({
    conversationId: null,
    resumeArgument: { field: 'conversationsChanged', name: 'after' },
    resolvedFilter: input,
    maxRecent: MAX_RECENT,
    syncPoint: nextSyncPoint,
    compare,
    begin: async (reading) => {
      const { key, end } = await loadChangeLog(reading.statements)
      // Positions from two databases can't be compared.
      const variant = end.database
      if (after == null) {
        const nowMs = reading.context.now.getTime()
        return { ...pollResult({ position: end, sentMs: nowMs, readMs: nowMs }, [], 'WAIT', key), variant }
      }
      const position = decryptResumeToken(after, key)
      if (!position) throw resumeTokenExpired()
      const never = Number.NEGATIVE_INFINITY
      return { ...(await read(reading, filter, { position, sentMs: never, readMs: never }, null)), variant }
    },
    poll: (reading, from, upTo) => read(reading, filter, from, upTo),
  })
}

async function read(reading: Reading, filter: Filter, from: Cursor, upTo: Cursor | null): Promise<Polled> {
  const { statements, context } = reading
  const nowMs = context.now.getTime()
  if (nowMs - from.readMs > HOUR_MS && !(await isWithinRetention(statements, context.tenantId, from.position))) {
    throw resumeTokenExpired()
  }
  const options = { limit: MAX_CHANGES, upTo: upTo?.position.seen ?? null }
  const found = await loadChanges(statements, context.tenantId, from.position, options)
  if (!found) throw resumeTokenExpired()
  const changes = await visibleChanges(found.changes, filter, reading)
  const next = found.more ? 'MORE' : 'WAIT'
  // With `after`, too, the first answer comes at once, whether or not there are changes.
  const isDue = nowMs - from.sentMs >= TOKEN_EVERY_MS
  const cursor = { position: found.position, sentMs: from.sentMs, readMs: nowMs }
  if (changes.length === 0 && !isDue) return { event: null, cursor, next }
  return pollResult({ ...cursor, sentMs: nowMs }, changes, next, found.log.key)
}

type Polled = PollResult<Cursor, ChangedBatch>

const pollResult = (
  cursor: Cursor,
  changes: ChangedBatch['changes'],
  next: 'MORE' | 'WAIT',
  key: Uint8Array,
): Polled => ({
  event: { resumeToken: encryptResumeToken(cursor.position, key), changes },
  cursor,
  next,
})

/** Others can join when everything that `until` could see has been read. */
const nextSyncPoint = (cursor: Cursor): Cursor =>
  cursor.position.within
    ? { ...cursor, position: { database: cursor.position.database, seen: cursor.position.within.until } }
    : cursor

function compare({ position: { seen, within } }: Cursor, { position: other }: Cursor) {
  if (within) return 'APART'
  if (!includes(seen, other.seen)) return 'BEFORE'
  return includes(other.seen, seen) ? 'SAME' : 'AFTER'
}

const resumeTokenExpired = () =>
  new ParleyError(
    'RESUME_TOKEN_EXPIRED',
    `after: this resume token is older than ${KEPT_HOURS} hours, for which changes are kept, or it is from another database. Subscribe without it and read the list again.`,
    { inputPath: 'after' },
  )

/**
 * The changes that the subscriber may see: one for each conversation, and none for those that a row restriction hides
 * or may have hidden.
 */
async function visibleChanges(
  rows: Change[],
  filter: Filter,
  { statements, context }: Reading,
): Promise<ChangedBatch['changes']> {
  const kinds = new Map<string, VisibleKind>()
  for (const { conversationId, kind } of rows) {
    kinds.set(conversationId, greater(kinds.get(conversationId), visibleKind(kind, context)))
  }
  const seen = await whichFit(statements, [...kinds.keys()], filter, filterScope(context))
  return (
    [...kinds]
      .map(([id, kind]) => ({ id, kind, fits: seen.get(id) ?? false }))
      .filter(({ id }) => context.rowRestriction === null || seen.has(id))
      // Nobody has to remove a conversation from a list if it never matched.
      .filter(({ id, kind, fits }) => fits || kind !== 'CREATED' || wasChangedAgain(rows, id))
  )
}

function visibleKind(kind: ConversationChangeKind, context: Context): VisibleKind {
  if (kind !== 'INTERNAL_MESSAGES') return kind
  return context.has('INTERNALS_READ') ? 'MESSAGES' : 'UPDATED'
}

const RANKS: VisibleKind[] = ['UPDATED', 'MESSAGES', 'CREATED', 'DELETED']

const greater = (a: VisibleKind | undefined, b: VisibleKind) => (a && RANKS.indexOf(a) > RANKS.indexOf(b) ? a : b)

const wasChangedAgain = (rows: Change[], id: string) =>
  rows.filter(({ conversationId }) => conversationId === id).length > 1

interface AnsweredChange {
  kind: VisibleKind
  id: string
  conversation: unknown
}

const conversationIdsIn = ({ changes }: ChangedBatch) => changes.flatMap(({ id, fits }) => (fits ? [id] : []))

/** The answer, once the conversations are read. */
const withConversations = ({ resumeToken, changes }: ChangedBatch, rowOf: ReadonlyMap<string, unknown>) => ({
  resumeToken,
  changes: changes.map(({ kind, id }): AnsweredChange => ({ kind, id, conversation: rowOf.get(id) ?? null })),
})

const ConversationChange = builder.objectRef<AnsweredChange>('ConversationChange').implement({
  description: 'A change to a conversation.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ChangeKind, description: 'What happened.' }),
    conversationId: t.id({
      description: 'Id of the conversation, `conv_…`.',
      extensions: FROM_ROW,
      resolve: ({ id }) => encodeId('Conversation', id),
    }),
    conversation: t.field({
      type: Conversation,
      nullable: true,
      description:
        'The current state of the conversation. Null if it was deleted or does not, or no longer, match the filter: take it out of your list.',
      extensions: FROM_ROW,
      resolve: ({ conversation }) => asRow(conversation),
    }),
  }),
})

const ConversationsChanged = builder
  .objectRef<{ resumeToken: string; changes: (typeof ConversationChange.$inferType)[] }>('ConversationsChanged')
  .implement({
    description: 'Changes since the previous event.',
    fields: (t) => ({
      resumeToken: t.exposeString('resumeToken', {
        description: `Where this event ends: pass it as \`after\` to continue from here, within ${KEPT_HOURS} hours.`,
      }),
      changes: t.field({
        type: [ConversationChange],
        description: `At most ${MAX_CHANGES} changes, each to a different conversation. Empty if there is only a new resume token: in the first event, unless \`after\` is given, and occasionally later.`,
        extensions: FROM_ROW,
        resolve: ({ changes }) => changes,
      }),
    }),
  })

builder.subscriptionField('conversationsChanged', (t) =>
  t.field({
    type: ConversationsChanged,
    description:
      'Changes to the conversations that match a filter. The first event comes at once and holds a resume token: read the list once you have it, then apply the changes that follow. A token restricted to certain agents, end users or metadata values gets no change for a conversation that is deleted or leaves its restriction. Needs the scope CONVERSATIONS_READ.',
    authScopes: LIVE_READ,
    args: {
      filter: t.arg({
        type: ConversationFilter,
        required: false,
        description: 'Filters the conversations that are followed. Default: all.',
      }),
      after: t.arg.string({
        required: false,
        description:
          'The last `resumeToken` received: returns the changes after it. Default: changes from now on. Fails with RESUME_TOKEN_EXPIRED if it is older than 24 hours or from a different database.',
        extensions: { hasOwnLimit: true } satisfies InputLimits,
      }),
    },
    subscribe: (_root, { filter, after }) => liveConversations(filter, after),
    resolve: readsConversations(
      { idsIn: conversationIdsIn, toAnswer: withConversations },
      async (batch: ChangedBatch, _args, context, info) => {
        const rows = await context.db.conversation.findMany({
          ...queryFromInfo({ context, info, typeName: 'Conversation', paths: [['changes', 'conversation']] }),
          where: { id: { in: conversationIdsIn(batch) } },
        })
        return withConversations(batch, new Map(rows.map((row) => [row.id, row])))
      },
    ),
  }),
)
