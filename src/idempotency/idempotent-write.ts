import { createHash } from 'node:crypto'
import type { Statements } from '../database/sql-transactions.ts'
import { formatInputPath, type InputPath, ParleyError, refusalOf } from '../errors.ts'
import { checkName } from '../input/check-input.ts'
import { deleteKeys, findKeys, insertKeys, storeAnswers } from './idempotency-keys.sql.ts'

/** A write as the caller requested it. */
export interface Request {
  /** The mutation. A key is valid for only one. */
  operation: string
  /** Its whole input, as it was sent. */
  input: { idempotencyKey?: string | null | undefined }
  /** The path of that input in the arguments. */
  path: InputPath
}

/**
 * Writes once: a retry with the same key and the same input returns the first response, and writes nothing. The key is
 * stored in the transaction of the write, so both are stored or neither; a concurrent retry waits for it. The response
 * of `write` must be storable as JSON.
 */
export async function idempotent<Answer extends object>(
  db: Statements,
  tenantId: string,
  request: Request,
  write: () => Promise<Answer>,
): Promise<Answer> {
  const [outcome] = await idempotentBatch(db, tenantId, [request], async () => [await write()])
  if (!outcome || outcome instanceof ParleyError) throw outcome
  return outcome
}

interface Keyed<R> {
  request: R
  key: string
  hash: string
}

/**
 * The same for many writes, each with an outcome of its own, in as many statements as for one. `write` gets those that
 * were not done before, and returns one outcome for each. The keys of those it refuses may be used again.
 */
export async function idempotentBatch<R extends Request, Answer extends object>(
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
    if (claimed.size > 0) await storeResponses(db, tenantId, claimed, outcomes)
    const others = keyed.filter(({ request }) => !claimed.has(request))
    // Still open: writes that share a key with another one in the list, which was refused.
    open = others.length > 0 ? await replayResponses(db, tenantId, others, outcomes) : []
  }
  return requests.map((request) => outcomes.get(request) as Answer | ParleyError)
}

const refusedKey = ({ input, path }: Request) =>
  refusalOf(() => input.idempotencyKey != null && checkName(input.idempotencyKey, [...path, 'idempotencyKey']))

function toKeyed<R extends Request>(request: R): Keyed<R>[] {
  const { idempotencyKey: key } = request.input
  return key == null ? [] : [{ request, key, hash: hashOf(request) }]
}

/** Hash of the operation and its input without the key, in hex. */
export function hashOf({ operation, input: { idempotencyKey: _key, ...input } }: Request): string {
  return createHash('sha256')
    .update(`${operation}\n${canonicalJson(input)}`)
    .digest('hex')
}

async function claim<R>(db: Statements, tenantId: string, keyed: readonly Keyed<R>[]): Promise<Set<R>> {
  const first = new Map([...keyed].reverse().map((one) => [one.key, one]))
  const claims = [...first.values()]
  const stored = await insertKeys(db, tenantId, claims)
  return new Set(stored.flatMap((key) => first.get(key)?.request ?? []))
}

async function storeResponses<R extends Request, Answer>(
  db: Statements,
  tenantId: string,
  claimed: ReadonlySet<R>,
  outcomes: ReadonlyMap<R, Answer | ParleyError>,
) {
  const answers = [...claimed].map((request) => {
    const outcome = outcomes.get(request)
    return { key: request.input.idempotencyKey ?? '', answer: outcome instanceof ParleyError ? null : outcome }
  })
  await storeAnswers(db, tenantId, answers)
  const refused = answers.flatMap(({ key, answer }) => (answer === null ? key : []))
  if (refused.length > 0) await deleteKeys(db, tenantId, refused)
}

/** Sets the outcomes of writes that were done before, and returns the others. */
async function replayResponses<R extends Request, Answer>(
  db: Statements,
  tenantId: string,
  keyed: readonly Keyed<R>[],
  outcomes: Map<R, Answer | ParleyError>,
): Promise<R[]> {
  const firsts = await findKeys(
    db,
    tenantId,
    keyed.map(({ key }) => key),
  )
  const byKey = new Map(firsts.map((first) => [first.key, first]))
  return keyed.flatMap(({ request, key, hash }) => {
    const first = byKey.get(key)
    if (!first) return [request]
    // The hash covers the operation, so the response is of this type.
    outcomes.set(request, hash === first.hash ? (first.answer as Answer) : conflict(request.path))
    return []
  })
}

export function conflict(path: InputPath, message = 'was already used with another input.'): ParleyError {
  const inputPath = formatInputPath([...path, 'idempotencyKey'])
  return new ParleyError('IDEMPOTENCY_CONFLICT', `${inputPath}: ${message}`, { inputPath })
}

/** JSON with sorted keys, so that equal inputs have equal hashes. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item) && !(item instanceof Date)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : item,
  )
}
