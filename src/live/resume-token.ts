import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { badInput } from '../errors.ts'
import type { ChangePosition } from './change-log.sql.ts'
import { parseSnapshot, writeSnapshot } from './snapshot.ts'

/**
 * A position in the changes, in the form that clients get. It is encrypted because it contains transaction ids, which
 * all tenants share: comparing two of them would show how much the others write.
 */

const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

/** Texts are padded to a multiple of this, because their length would show how many transactions were open. */
const LENGTH_STEP = 128

/** Prefix of tokens that name their database. Those of earlier versions did not. */
const FORM = 'v2'

export function encryptResumeToken(position: ChangePosition, key: Uint8Array): string {
  const text = write(position)
  const padded = text.padEnd(Math.ceil(text.length / LENGTH_STEP) * LENGTH_STEP)
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, key, iv)
  const encrypted = Buffer.concat([cipher.update(padded, 'utf8'), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), encrypted]).toString('base64url')
}

/** Null for a token of another version, whose meaning is unknown. Throws if it is not a token of this server. */
export function decryptResumeToken(token: string, key: Uint8Array): ChangePosition | null {
  const text = decrypt(Buffer.from(token, 'base64url'), key)
  if (text === null) throw badInput(['after'], 'is not a resume token that this server returned.')
  return parse(text.trimEnd())
}

/** Null if it was not encrypted with this key. */
function decrypt(bytes: Buffer, key: Uint8Array): string | null {
  if (bytes.length <= IV_BYTES + TAG_BYTES) return null
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
  try {
    return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    return null
  }
}

/** The database and a snapshot; or two snapshots, and how far the changes between them were read. */
function write({ database, seen, within }: ChangePosition): string {
  const rest = within ? [writeSnapshot(within.until), within.transactionId, within.count] : []
  return [FORM, database, writeSnapshot(seen), ...rest].join('/')
}

function parse(text: string): ChangePosition | null {
  const [form, database, seenText = '', untilText, transactionId, count] = text.split('/')
  const [seen, until] = [parseSnapshot(seenText), parseSnapshot(untilText ?? seenText)]
  if (form !== FORM || !database || !seen || !until) return null
  if (count === undefined) return { database, seen }
  return { database, seen, within: { until, transactionId: Number(transactionId), count: Number(count) } }
}
