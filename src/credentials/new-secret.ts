import { type AuditEntry, recordAudit } from '../audit/record-audit.ts'
import { hashSecret, isHashOf } from '../auth/api-key.ts'
import { deriveBytes, sealJson, unsealJson } from '../auth/sealed-json.ts'
import type { Context } from '../context.ts'
import { throughPrisma } from '../database/sql-transactions.ts'
import { badInput, type InputPath } from '../errors.ts'
import { conflict, hashOf, type Request } from '../idempotency/idempotent-write.ts'
import { checkLength } from '../input/check-input.ts'
import { LIMITS } from '../input/limits.ts'
import { refuseStrongerKey, statusOf } from './api-keys.ts'
import { storeSealed } from './sealed-secrets.sql.ts'

/** A secret of a key, which its caller has not seen yet. */
export interface NewSecret {
  keyId: string
  secret: string
}

/** How long a retry returns the same secret. */
export const SEALED_MS = 600_000

export const endOfSealed = (now: Date) => new Date(now.getTime() - SEALED_MS)

/**
 * Stores a new secret with `write`, once for each idempotency key: a retry gets the secret of the first request, which
 * is audited as `repeated`. It is encrypted with a key that is derived from the idempotency key, which is stored nowhere. So nobody who reads the
 * database can decrypt it, and only the credential that sent the request finds it.
 */
export async function writeSecretOnce(
  context: Context,
  request: Request,
  made: NewSecret,
  { write, audit }: { write: () => Promise<unknown>; audit: (keyId: string) => AuditEntry },
): Promise<NewSecret> {
  const writeAndAudit = async () => {
    await write()
    await recordAudit(context, audit(made.keyId))
    return made
  }
  const { idempotencyKey } = request.input
  if (idempotencyKey == null) return writeAndAudit()
  checkStrength(idempotencyKey, [...request.path, 'idempotencyKey'])
  const derived = deriveBytes(idempotencyKey, `parley new secret ${context.principal.id}`, 64)
  const name = Buffer.from(derived.subarray(0, 32)).toString('base64url')
  const sealingKey = derived.subarray(32)
  const hash = hashOf(request)
  const sealed = await sealJson({ ...made, hash }, sealingKey)
  const { now } = context
  const stored = await storeSealed(throughPrisma(context.account), { name, sealed, now, endedAt: endOfSealed(now) })
  if (stored === sealed) return writeAndAudit()
  const first = await unsealJson<NewSecret & { hash: string }>(stored, sealingKey)
  if (first.hash !== hash) throw conflict(request.path)
  await checkStillAccepted(context, first, request.path)
  const entry = audit(first.keyId)
  await recordAudit(context, { ...entry, details: { ...entry.details, repeated: true } })
  return first
}

const MIN_CHARACTERS = 32
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i
/** With the bits of a version and variant of RFC 9562, which one in eight random numbers of 128 bits has by chance. */
const UUID_WITHOUT_DASHES = /^[\da-f]{12}[1-8][\da-f]{3}[89ab][\da-f]{15}$/i

/** 128 random bits are 32 characters in hex. How random they are can't be seen, except that a UUID has fewer. */
function checkStrength(idempotencyKey: string, path: InputPath) {
  checkLength(idempotencyKey, LIMITS.name, path)
  const problem = [UUID, UUID_WITHOUT_DASHES].some((form) => form.test(idempotencyKey))
    ? 'is a UUID, which has fewer than 128 random bits'
    : idempotencyKey.length < MIN_CHARACTERS
      ? `has fewer than ${MIN_CHARACTERS} characters`
      : null
  if (problem) {
    throw badInput(path, `${problem}. It protects a secret: use 32 random bytes in hex, as openssl rand -hex 32 makes.`)
  }
}

/** The key may have been revoked, regenerated or given more rights since. */
async function checkStillAccepted(context: Context, { keyId, secret }: NewSecret, path: InputPath) {
  const key = await context.account.apiKey.findUniqueOrThrow({ where: { id: keyId } })
  const isActive = statusOf(key, context.now) === 'ACTIVE'
  if (!isActive || !isHashOf(key, hashSecret(secret), context.now)) {
    throw conflict(path, 'was used for a secret that is no longer accepted. Use another one.')
  }
  refuseStrongerKey(key, context)
}
