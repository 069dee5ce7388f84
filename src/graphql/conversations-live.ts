import { queryFromInfo } from '@pothos/plugin-prisma'
import type { Context } from '../context.ts'
import {
  type ConversationChange as Change,
  type ChangePosition,
  type ConversationChangeKind,
  isWithinRetention,
  KEPT_HOURS,
  readChangeLog,
  readChanges,
  whichFit,
} from '../database/conversation-changes.ts'
import type { ConversationFilter as Filter } from '../database/conversation-filter.ts'
import { includes } from '../database/snapshot.ts'
import { encodeId } from '../domain/ids.ts'
import { ParleyError } from '../errors.ts'
import { builder } from './builder.ts'
import { Conversation } from './conversation.ts'
import { ConversationFilter, type ConversationFilterInput, filterScope, readFilter } from './conversation-filter.ts'
import { LIVE_READ } from './conversation-live.ts'
import { LiveQuery, type PollResult, type Reading } from './live-query.ts'
import { decryptResumeToken, encryptResumeToken } from './resume-token.ts'

/** Every conversation that fits a filter, as what changed of which. */

const ChangeKind = builder.enumType('ConversationChangeKind', {
  description: 'What happened to a conversation. Where it was several things at once, the last of these.',
  values: {
    UPDATED: { description: 'Something that is said of it changed.' },
    MESSAGES: { description: 'Messages were appended (that this credential may see).' },
    CREATED: { description: 'It was first stored.' },
    DELETED: { description: 'It was deleted.' },
  } as const,
})

type ToldKind = typeof ChangeKind.$inferType

/** Changes that one answer tells at most. */
const MAX_CHANGES = 100

/** Answers that wait for slower subscribers: a few seconds' worth. */
const MAX_KEPT = 64

/** Where nothing is to be told, the position is, this often: one that stands still would expire. */
const POSITION_EVERY_MS = 600_000

const HOUR_MS = 3_600_000

interface ChangedBatch {
  position: string
  changes: { kind: ToldKind; id: string; fits: boolean }[]
}

/** How far was read, and when something was last told, and read. */
interface Cursor {
  position: ChangePosition
  toldMs: number
  readMs: number
}

function liveConversations(
  input: ConversationFilterInput | null | undefined,
  after: string | null | undefined,
): LiveQuery<Cursor, ChangedBatch> {
  const filter = readFilter(input)
  return new LiveQuery<Cursor, ChangedBatch>({
    conversationId: null,
    resumeArgument: { field: 'conversationsChanged', name: 'after' },
    maxKept: MAX_KEPT,
    joint: nextJoint,
    compare,
    begin: async (reading) => {
      const { key, end } = await readChangeLog(reading.statements)
      // Positions of two databases say nothing of each other.
      const variant = end.database
      if (after == null) {
        const nowMs = reading.context.now.getTime()
        return { ...toldAt({ position: end, toldMs: nowMs, readMs: nowMs }, [], 'WAIT', key), variant }
      }
      const position = decryptResumeToken(after, key)
      if (!position) throw positionExpired()
      const never = Number.NEGATIVE_INFINITY
      return { ...(await read(reading, filter, { position, toldMs: never, readMs: never }, null)), variant }
    },
    poll: (reading, from, upTo) => read(reading, filter, from, upTo),
    conversations: {
      idsIn: ({ changes }) => changes.flatMap(({ id, fits }) => (fits ? [id] : [])),
      toAnswer: withConversations,
    },
  })
}

async function read(reading: Reading, filter: Filter, from: Cursor, upTo: Cursor | null): Promise<Look> {
  const { statements, context } = reading
  const nowMs = context.now.getTime()
  if (nowMs - from.readMs > HOUR_MS && !(await isWithinRetention(statements, context.tenantId, from.position))) {
    throw positionExpired()
  }
  const options = { limit: MAX_CHANGES, upTo: upTo?.position.seen ?? null }
  const found = await readChanges(statements, context.tenantId, from.position, options)
  if (!found) throw positionExpired()
  const changes = await tellable(found.changes, filter, reading)
  const next = found.more ? 'MORE' : 'WAIT'
  // The first answer tells where it begins: what is read from there on can be kept up with.
  const isDue = nowMs - from.toldMs >= POSITION_EVERY_MS
  const cursor = { position: found.position, toldMs: from.toldMs, readMs: nowMs }
  if (changes.length === 0 && !isDue) return { event: null, cursor, next }
  return toldAt({ ...cursor, toldMs: nowMs }, changes, next, found.log.key)
}

type Look = PollResult<Cursor, ChangedBatch>

const toldAt = (cursor: Cursor, changes: ChangedBatch['changes'], next: 'MORE' | 'WAIT', key: Uint8Array): Look => ({
  event: { position: encryptResumeToken(cursor.position, key), changes },
  cursor,
  next,
})

/** Where all that `until` could see was read, others may join. */
const nextJoint = (cursor: Cursor): Cursor =>
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

/** What may be told of changes: each conversation once, and none that a lock hides or may have hidden. */
async function tellable(
  rows: Change[],
  filter: Filter,
  { statements, context }: Reading,
): Promise<ChangedBatch['changes']> {
  const kinds = new Map<string, ToldKind>()
  for (const { conversationId, kind } of rows) {
    kinds.set(conversationId, greater(kinds.get(conversationId), told(kind, context)))
  }
  const seen = await whichFit(statements, [...kinds.keys()], filter, filterScope(context))
  return (
    [...kinds]
      .map(([id, kind]) => ({ id, kind, fits: seen.get(id) ?? false }))
      .filter(({ id }) => context.lock === null || seen.has(id))
      // One that never fitted is nobody's to take off a list.
      .filter(({ id, kind, fits }) => fits || kind !== 'CREATED' || wasChangedAgain(rows, id))
  )
}

function told(kind: ConversationChangeKind, context: Context): ToldKind {
  if (kind !== 'INTERNAL_MESSAGES') return kind
  return context.has('INTERNALS_READ') ? 'MESSAGES' : 'UPDATED'
}

const RANKS: ToldKind[] = ['UPDATED', 'MESSAGES', 'CREATED', 'DELETED']

const greater = (a: ToldKind | undefined, b: ToldKind) => (a && RANKS.indexOf(a) > RANKS.indexOf(b) ? a : b)

const wasChangedAgain = (rows: Change[], id: string) =>
  rows.filter(({ conversationId }) => conversationId === id).length > 1

interface TellableChange {
  kind: ToldKind
  id: string
  conversation: unknown
}

/** What is answered, once the conversations are read. */
const withConversations = ({ position, changes }: ChangedBatch, rowOf: ReadonlyMap<string, unknown>) => ({
  position,
  changes: changes.map(({ kind, id }): TellableChange => ({ kind, id, conversation: rowOf.get(id) ?? null })),
})

const ConversationChange = builder.objectRef<TellableChange>('ConversationChange').implement({
  description: 'That a conversation changed.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ChangeKind, description: 'What happened.' }),
    conversationId: t.id({ description: 'Which, `conv_…`.', resolve: ({ id }) => encodeId('Conversation', id) }),
    conversation: t.field({
      type: Conversation,
      nullable: true,
      description: 'As it is now. Null: it was deleted or does not fit the filter; take it off the list.',
      resolve: ({ conversation }) => conversation as never,
    }),
  }),
})

const ConversationsChanged = builder
  .objectRef<{ position: string; changes: (typeof ConversationChange.$inferType)[] }>('ConversationsChanged')
  .implement({
    description: 'What changed since the last answer.',
    fields: (t) => ({
      position: t.exposeString('position', {
        description: `Where this answer ends: give it as \`after\` to go on from here, within ${KEPT_HOURS} hours.`,
      }),
      changes: t.field({
        type: [ConversationChange],
        description: `Each conversation once, at most ${MAX_CHANGES}. None where the answer tells a position alone: the first one, and now and then.`,
        resolve: ({ changes }) => changes,
      }),
    }),
  })

builder.subscriptionField('conversationsChanged', (t) =>
  t.field({
    type: ConversationsChanged,
    description:
      'What changes among the conversations that fit a filter. Answers at once with a position: read the list then, and keep it up to date. A token that is locked to rows is not told of conversations that are deleted or leave its lock. Needs the scope CONVERSATIONS_READ.',
    authScopes: LIVE_READ,
    args: {
      filter: t.arg({ type: ConversationFilter, required: false, description: 'Which conversations. Absent: all.' }),
      after: t.arg.string({
        required: false,
        description: 'The last position told: changes behind it. Default: from now on. Too old: POSITION_EXPIRED.',
      }),
    },
    subscribe: (_root, { filter, after }) => liveConversations(filter, after),
    resolve: async (batch, _args, context, info) => {
      const rows = await context.db.conversation.findMany({
        ...queryFromInfo({ context, info, typeName: 'Conversation', paths: [['changes', 'conversation']] }),
        where: { id: { in: batch.changes.flatMap(({ id, fits }) => (fits ? [id] : [])) } },
      })
      return withConversations(batch, new Map(rows.map((row) => [row.id, row])))
    },
  }),
)
