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

/** Every conversation that fits a filter, as what changed of which. */

const ChangeKind = builder.enumType('ConversationChangeKind', {
  description: 'What happened to a conversation. If several things happened at once, the last one in this list.',
  values: {
    UPDATED: { description: 'Its fields changed.' },
    MESSAGES: { description: 'Messages were appended that this credential may see.' },
    CREATED: { description: 'It was stored for the first time.' },
    DELETED: { description: 'It was deleted.' },
  } as const,
})

type VisibleKind = typeof ChangeKind.$inferType

/** Changes in one answer, at most. */
const MAX_CHANGES = 500

/** Answers that wait for slower subscribers: a few seconds' worth. */
const MAX_RECENT = 64

/** If nothing changes, the position is sent this often: an old one would expire. */
const POSITION_EVERY_MS = 600_000

const HOUR_MS = 3_600_000

interface ChangedBatch {
  position: string
  changes: { kind: VisibleKind; id: string; fits: boolean }[]
}

/** How far was read, when that was, and when something was last sent. */
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
    maxRecent: MAX_RECENT,
    syncPoint: nextSyncPoint,
    compare,
    begin: async (reading) => {
      const { key, end } = await loadChangeLog(reading.statements)
      // Positions of two databases say nothing of each other.
      const variant = end.database
      if (after == null) {
        const nowMs = reading.context.now.getTime()
        return { ...pollResult({ position: end, sentMs: nowMs, readMs: nowMs }, [], 'WAIT', key), variant }
      }
      const position = decryptResumeToken(after, key)
      if (!position) throw positionExpired()
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
    throw positionExpired()
  }
  const options = { limit: MAX_CHANGES, upTo: upTo?.position.seen ?? null }
  const found = await loadChanges(statements, context.tenantId, from.position, options)
  if (!found) throw positionExpired()
  const changes = await visibleChanges(found.changes, filter, reading)
  const next = found.more ? 'MORE' : 'WAIT'
  // With a position the first answer comes at once, too, whether or not there are changes.
  const isDue = nowMs - from.sentMs >= POSITION_EVERY_MS
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
  event: { position: encryptResumeToken(cursor.position, key), changes },
  cursor,
  next,
})

/** Others can join once everything that `until` could see was read. */
const nextSyncPoint = (cursor: Cursor): Cursor =>
  cursor.position.within
    ? { ...cursor, position: { database: cursor.position.database, seen: cursor.position.within.until } }
    : cursor

function compare({ position: { seen, within } }: Cursor, { position: other }: Cursor) {
  if (within) return 'APART'
  if (!includes(seen, other.seen)) return 'BEFORE'
  return includes(other.seen, seen) ? 'SAME' : 'AFTER'
}

const positionExpired = () =>
  new ParleyError(
    'POSITION_EXPIRED',
    `after: changes are kept for ${KEPT_HOURS} hours, and not all since this position are, or it is of another database. Subscribe without it, and read the list again.`,
    { inputPath: 'after' },
  )

/** The changes that the subscriber may see: each conversation once, and none that a lock hides or may have hidden. */
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
      // One that never fitted is nobody's to take off a list.
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

/** What is answered, once the conversations are read. */
const withConversations = ({ position, changes }: ChangedBatch, rowOf: ReadonlyMap<string, unknown>) => ({
  position,
  changes: changes.map(({ kind, id }): AnsweredChange => ({ kind, id, conversation: rowOf.get(id) ?? null })),
})

const ConversationChange = builder.objectRef<AnsweredChange>('ConversationChange').implement({
  description: 'A change of a conversation.',
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
        'The conversation as it is now. Null if it was deleted or does not fit the filter: take it off the list.',
      extensions: FROM_ROW,
      resolve: ({ conversation }) => conversation as never,
    }),
  }),
})

const ConversationsChanged = builder
  .objectRef<{ position: string; changes: (typeof ConversationChange.$inferType)[] }>('ConversationsChanged')
  .implement({
    description: 'Changes since the last answer.',
    fields: (t) => ({
      position: t.exposeString('position', {
        description: `Where this answer ends: pass it as \`after\` to continue from here, within ${KEPT_HOURS} hours.`,
      }),
      changes: t.field({
        type: [ConversationChange],
        description: `Each conversation once, at most ${MAX_CHANGES}. Empty if there is only a new position: in the first answer, and now and then.`,
        extensions: FROM_ROW,
        resolve: ({ changes }) => changes,
      }),
    }),
  })

builder.subscriptionField('conversationsChanged', (t) =>
  t.field({
    type: ConversationsChanged,
    description:
      'Changes of the conversations that fit a filter. The first answer comes at once, with a position: read the list then, and keep it up to date. A token that is locked to rows gets no changes of conversations that are deleted or leave its lock. Needs the scope CONVERSATIONS_READ.',
    authScopes: LIVE_READ,
    args: {
      filter: t.arg({ type: ConversationFilter, required: false, description: 'Which conversations. Default: all.' }),
      after: t.arg.string({
        required: false,
        description:
          'The last position received: returns the changes after it. Default: from now on. POSITION_EXPIRED if it is too old, or of another database.',
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
