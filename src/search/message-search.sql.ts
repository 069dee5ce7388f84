import { Prisma } from '../database/generated/client/client.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { ownRows } from '../database/tenant-scope.ts'

/** What is stored for a message's content, so that search finds it. */
export interface SearchColumns {
  /** The words in order, with a space before and after each. */
  search_words: string
  /** What else finds it, separated by spaces: prefixes of Hangul words, and characters of scripts without spaces. */
  search_parts: string | null
  /** The version of the tokeniser that made them. */
  search_version: number
}

/** A word of a search. With `isPrefix`, it also matches words that begin with it. */
export interface SearchWord {
  text: string
  isPrefix: boolean
}

/** Words that stand next to each other, in this order. */
export interface SearchTerm {
  isExcluded: boolean
  words: SearchWord[]
  /** Words and parts that every text with this term has, and by which it is looked up in the index. */
  keys: string[]
}

export interface SearchQuery {
  /** The search as it was given. */
  text: string
  parts: SearchPart[]
}

/** The search for rows that these versions of the tokeniser indexed, both inclusive. */
export interface SearchPart {
  versions: { from: number; to: number }
  /** All terms of at least one of these lists must match. */
  alternatives: SearchTerm[][]
}

const { sql, join } = Prisma

/** The ids of conversations with a message that matches. */
export const searchMessages = ({ text, parts }: SearchQuery, seesInternals: boolean): Prisma.Sql =>
  sql`SELECT search_messages(${text}, ${JSON.stringify(parts.flatMap(lookUpsOf))}::jsonb, ${seesInternals})`

/**
 * That a message `m` matches by itself, as `searchMessages` finds it. For the messages of known conversations: it uses
 * no index.
 */
export function matchesSearch({ text, parts }: SearchQuery, seesInternals: boolean): Prisma.Sql {
  const found = parts.flatMap(lookUpsOf).map(
    (one) => sql`(m.search_version BETWEEN ${one.from_version}::smallint AND ${one.to_version}::smallint
      AND m.search_words LIKE ALL (${one.like}::text[]) AND m.search_words ~ ALL (${one.match}::text[])
      AND NOT m.search_words LIKE ANY (${one.not_like}::text[]) AND NOT m.search_words ~ ANY (${one.not_match}::text[])
      AND search_keys(m.tenant_id, m.search_words, m.search_parts) @@ ${one.keys}::tsquery)`,
  )
  const notIndexed = sql`(m.search_words IS NULL AND to_tsvector('simple', m.content) @@ websearch_to_tsquery('simple', ${text}))`
  return sql`m.content IS NOT NULL AND (${seesInternals}::boolean OR m.role <> 'SYSTEM')
    AND (${join([...found, notIndexed], ' OR ')})`
}

/** One search of the index, as the function `search_messages` reads it. */
interface LookUp {
  from_version: number
  to_version: number
  /** A tsquery. */
  keys: string
  /** The patterns (LIKE) and regular expressions that the words must all match, and those that they must not match. */
  like: string[]
  match: string[]
  not_like: string[]
  not_match: string[]
}

/** Alternatives that the index answers by itself share one lookup. */
function lookUpsOf({ versions, alternatives }: SearchPart): LookUp[] {
  const isPlain = (terms: readonly SearchTerm[]) => terms.every(isKey)
  const plain = alternatives.filter(isPlain)
  const others = alternatives.filter((terms) => !isPlain(terms))
  const lookUps = [
    ...(plain.length > 0 ? [{ keys: plain.map(keysOf).join(' | '), ...phrasesOf([]) }] : []),
    ...others.map((terms) => ({ keys: keysOf(terms), ...phrasesOf(terms.filter((term) => !isKey(term))) })),
  ]
  return lookUps.map((one) => ({ from_version: versions.from, to_version: versions.to, ...one }))
}

/** Whether a text has the term if it has its key. */
const isKey = ({ words, keys }: SearchTerm) => words.length === 1 && keys.length === 1 && words[0]?.text === keys[0]

/** A key that no text has, so its negation matches all texts. */
const NOWHERE = "'|'"

function keysOf(terms: readonly SearchTerm[]): string {
  const keys = terms.flatMap((term) => {
    if (!term.isExcluded) return term.keys.map(quoted)
    return isKey(term) ? term.keys.map((key) => `!${quoted(key)}`) : []
  })
  return `(${keys.join(' & ') || `!${NOWHERE}`})`
}

/** Words contain no punctuation, so there is nothing to escape, here and below. */
const quoted = (word: string) => `'${word}'`

function phrasesOf(terms: readonly SearchTerm[]): Pick<LookUp, 'like' | 'match' | 'not_like' | 'not_match'> {
  const of = (isExcluded: boolean, matches: boolean) =>
    terms.filter((term) => term.isExcluded === isExcluded && needsMatch(term) === matches)
  return {
    like: of(false, false).map(likePattern),
    match: of(false, true).map(regularExpression),
    not_like: of(true, false).map(likePattern),
    not_match: of(true, true).map(regularExpression),
  }
}

/** Whether a word before the last may continue in the text. LIKE can't express that, but is five times as fast. */
const needsMatch = ({ words }: SearchTerm) => words.slice(0, -1).some(({ isPrefix }) => isPrefix)

const likePattern = ({ words }: SearchTerm) =>
  `% ${words.map(({ text }) => text).join(' ')}${words.at(-1)?.isPrefix ? '' : ' '}%`

const regularExpression = ({ words }: SearchTerm) =>
  `${words.map(({ text, isPrefix }) => ` ${text}${isPrefix ? '[^ ]*' : ''}`).join('')} `

/** How many messages one batch looks at, and how much text it may read before the last of them. */
const MAX_BATCH = 100
const MAX_BATCH_BYTES = 1_000_000

/** Messages in the order of their ids, and the texts of those that this version of the tokeniser has not indexed. */
export interface IndexBatch {
  /** Null: there are no more. */
  lastId: string | null
  texts: { id: string; content: string }[]
}

/**
 * The messages after `afterId` (a UUID), up to one whose conversation another transaction is writing to. The
 * conversations are locked, as in every write to them.
 */
export async function loadIndexBatch(
  db: Statements,
  tenantId: string,
  { afterId, version }: { afterId: string; version: number },
): Promise<IndexBatch> {
  const rows = await db.run<{ id: string; isDue: boolean; content: string | null }>(sql`
    WITH looked_at AS MATERIALIZED (
      SELECT m.id, m.conversation_id, octet_length(m.content) AS bytes,
        m.content IS NOT NULL AND m.search_version IS DISTINCT FROM ${version}::smallint AS is_due
      FROM messages m WHERE ${ownRows(tenantId, 'm')} AND m.id > ${afterId}::uuid ORDER BY m.id LIMIT ${MAX_BATCH}
    ), next AS MATERIALIZED (
      SELECT * FROM (
        SELECT *, sum(bytes) FILTER (WHERE is_due) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
        FROM looked_at) l
      WHERE coalesce(bytes_before, 0) < ${MAX_BATCH_BYTES}
    ), locked AS MATERIALIZED (
      SELECT c.id FROM conversations c
      WHERE ${ownRows(tenantId, 'c')} AND c.id = ANY (ARRAY(SELECT conversation_id FROM next WHERE is_due))
      ORDER BY c.id FOR NO KEY UPDATE SKIP LOCKED)
    SELECT n.id::text AS id, n.is_due AS "isDue", (
      SELECT m.content FROM messages m, locked l
      WHERE n.is_due AND ${ownRows(tenantId, 'm')} AND m.id = n.id AND l.id = n.conversation_id) AS content
    FROM next n ORDER BY n.id`)
  const held = rows.findIndex(({ isDue, content }) => isDue && content === null)
  const free = held === -1 ? rows : rows.slice(0, held)
  const texts = free.flatMap(({ id, content }) => (content === null ? [] : { id, content }))
  return { lastId: rows.length === 0 ? null : (free.at(-1)?.id ?? afterId), texts }
}

export async function storeSearchColumns(
  db: Statements,
  tenantId: string,
  rows: readonly (SearchColumns & { id: string })[],
): Promise<void> {
  if (rows.length === 0) return
  await db.run(sql`
    UPDATE messages m SET search_words = i.search_words, search_parts = i.search_parts, search_version = i.search_version
    FROM jsonb_populate_recordset(NULL::messages, ${JSON.stringify(rows)}::jsonb) i
    -- The ids are given twice: with only the join, PostgreSQL scans all messages of a tenant that seems small.
    WHERE ${ownRows(tenantId, 'm')} AND m.id = ANY (${rows.map(({ id }) => id)}::uuid[]) AND m.id = i.id`)
}
