import { createHash } from 'node:crypto'
import { Prisma } from '../database/generated/client/client.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { ownRows } from '../database/tenant-scope.ts'
import { formatInputPath, type InputPath, ParleyError, refusalOf } from '../errors.ts'
import { checkName } from '../messages/parse-messages.ts'

const { sql } = Prisma

/** A write as the caller asked for it. */
export interface Request {
  /** The mutation: one key is good for one. */
  operation: string
  /** Its whole input, as it came. */
  input: { idempotencyKey?: string | null | undefined }
  /** Where that stands in what the caller sent. */
  path: InputPath
}

/**
 * Writes once: the same key with the same input again is given the first answer, and nothing is written. The key is
 * stored in the transaction of the write, so both hold or neither; a retry that arrives meanwhile waits for it.
 * `write` answers what can be kept as JSON.
 */
export async function exactlyOnce<Answer extends object>(
  db: Statements,
  tenantId: string,
  request: Request,
  write: () => Promise<Answer>,
): Promise<Answer> {
  const [outcome] = await eachOnce(db, tenantId, [request], async () => [await write()])
  if (!outcome || outcome instanceof ParleyError) throw outcome
  return outcome
}

interface Keyed<R> {
  request: R
  key: string
  /** Of the operation and its input, in hex. */
  hash: string
}

/**
 * The same for many writes, each with an outcome of its own: as many statements as for one. `write` is given those that
 * were not done before, and answers one outcome each; the keys of those it refuses may be used again.
 */
export async function eachOnce<R extends Request, Answer extends object>(
  db: Statements,
  tenantId: string,
  requests: readonly R[],
  write: (requests: R[]) => Promise<(Answer | ParleyError)[]>,
): Promise<(Answer | ParleyError)[]> {
  const outcomes = new Map<R, Answer | ParleyError>()
  let open = requests.filter((request) => {
    const refused = refusedKey(request)
    if (refused) outcomes.set(request, refused)
    return !refused
  })
  while (open.length > 0) {
    const keyed = open.flatMap(toKeyed)
    const claimed = keyed.length > 0 ? await claim(db, tenantId, keyed) : new Set<R>()
    const due = open.filter((request) => request.input.idempotencyKey == null || claimed.has(request))
    for (const [i, outcome] of (due.length > 0 ? await write(due) : []).entries()) outcomes.set(due[i] as R, outcome)
    if (claimed.size > 0) await keepAnswers(db, tenantId, claimed, outcomes)
    const others = keyed.filter(({ request }) => !claimed.has(request))
    // Left open: those that wait for another one of the list, which was refused.
    open = others.length > 0 ? await giveFirstAnswers(db, tenantId, others, outcomes) : []
  }
  return requests.map((request) => outcomes.get(request) as Answer | ParleyError)
}

const refusedKey = ({ input, path }: Request) =>
  refusalOf(() => input.idempotencyKey != null && checkName(input.idempotencyKey, [...path, 'idempotencyKey']))

function toKeyed<R extends Request>(request: R): Keyed<R>[] {
  const { idempotencyKey: key, ...input } = request.input
  if (key == null) return []
  const hash = createHash('sha256')
    .update(`${request.operation}\n${canonicalJson(input)}`)
    .digest('hex')
  return [{ request, key, hash }]
}

/** Stores keys, in their order, so that two that store the same ones never wait for each other in a circle. */
async function claim<R>(db: Statements, tenantId: string, keyed: readonly Keyed<R>[]): Promise<Set<R>> {
  const first = new Map([...keyed].reverse().map((one) => [one.key, one]))
  const claims = [...first.values()]
  const stored = await db.run<{ key: string }>(sql`
    INSERT INTO idempotency_keys (tenant_id, key, input_hash)
    SELECT ${tenantId}, key, decode(hash, 'hex')
    FROM unnest(${claims.map(({ key }) => key)}::text[], ${claims.map(({ hash }) => hash)}::text[]) AS given (key, hash)
    ORDER BY key
    ON CONFLICT DO NOTHING RETURNING key`)
  return new Set(stored.flatMap(({ key }) => first.get(key)?.request ?? []))
}

async function keepAnswers<R extends Request, Answer>(
  db: Statements,
  tenantId: string,
  claimed: ReadonlySet<R>,
  outcomes: ReadonlyMap<R, Answer | ParleyError>,
) {
  const answers = [...claimed].map((request) => {
    const outcome = outcomes.get(request)
    return { key: request.input.idempotencyKey, answer: outcome instanceof ParleyError ? null : outcome }
  })
  await db.run(sql`
    UPDATE idempotency_keys k SET answer = given.answer
    FROM jsonb_to_recordset(${JSON.stringify(answers)}::jsonb) AS given (key text, answer jsonb)
    WHERE ${ownRows(tenantId, 'k')} AND k.key = ANY (${answers.map(({ key }) => key ?? '')}::text[]) AND k.key = given.key`)
  const refused = answers.filter(({ answer }) => answer === null).map(({ key }) => key ?? '')
  if (refused.length > 0) {
    await db.run(
      sql`DELETE FROM idempotency_keys k WHERE ${ownRows(tenantId, 'k')} AND k.key = ANY (${refused}::text[])`,
    )
  }
}

/** Settles writes that were done before, and answers the others. */
async function giveFirstAnswers<R extends Request, Answer>(
  db: Statements,
  tenantId: string,
  keyed: readonly Keyed<R>[],
  outcomes: Map<R, Answer | ParleyError>,
): Promise<R[]> {
  const firsts = await db.run<{ key: string; hash: string; answer: unknown }>(sql`
    SELECT key, encode(input_hash, 'hex') AS hash, answer FROM idempotency_keys k
    WHERE ${ownRows(tenantId, 'k')} AND k.key = ANY (${keyed.map(({ key }) => key)}::text[])`)
  const byKey = new Map(firsts.map((first) => [first.key, first]))
  return keyed.flatMap(({ request, key, hash }) => {
    const first = byKey.get(key)
    if (!first) return [request]
    // Written by the same operation, which the hash covers.
    outcomes.set(request, hash === first.hash ? (first.answer as Answer) : conflict(request.path))
    return []
  })
}

function conflict(path: InputPath): ParleyError {
  const inputPath = formatInputPath([...path, 'idempotencyKey'])
  return new ParleyError('IDEMPOTENCY_CONFLICT', `${inputPath}: was used before with another input.`, { inputPath })
}

/** JSON with sorted keys: two inputs that say the same hash the same. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item) && !(item instanceof Date)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : item,
  )
}
