import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { ChangePosition } from '../database/conversation-changes.ts'
import { parseSnapshot, writeSnapshot } from '../database/snapshot.ts'
import { badInput } from '../errors.ts'

/**
 * A place in the changes as clients are told it. Sealed: it holds numbers of transactions, which all tenants share, and
 * whoever compared two of them would know how much the others write.
 */

const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

/** In steps: how long it is would tell how many transactions were open. */
const LENGTH_STEP = 128

export function sealPosition(position: ChangePosition, key: Uint8Array): string {
  const place = write(position)
  const padded = place.padEnd(Math.ceil(place.length / LENGTH_STEP) * LENGTH_STEP)
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, key, iv)
  const sealed = Buffer.concat([cipher.update(padded, 'utf8'), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')
}

export function openPosition(text: string, key: Uint8Array): ChangePosition {
  const place = unseal(Buffer.from(text, 'base64url'), key)
  const position = place === null ? null : read(place.trimEnd())
  if (position === null) throw badInput(['after'], 'is not a position of this server.')
  return position
}

/** Null for what was not sealed with this key. */
function unseal(bytes: Buffer, key: Uint8Array): string | null {
  if (bytes.length <= IV_BYTES + TAG_BYTES) return null
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
  try {
    return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    return null
  }
}

/** A snapshot; or two, and how far was read of what is between them. */
function write({ seen, within }: ChangePosition): string {
  if (!within) return writeSnapshot(seen)
  return [writeSnapshot(seen), writeSnapshot(within.until), within.transactionId, within.count].join('/')
}

/** Null for what another version wrote. */
function read(place: string): ChangePosition | null {
  const [seenText = '', untilText, transactionId, count] = place.split('/')
  const [seen, until] = [parseSnapshot(seenText), parseSnapshot(untilText ?? seenText)]
  if (!seen || !until) return null
  if (count === undefined) return { seen }
  return { seen, within: { until, transactionId: Number(transactionId), count: Number(count) } }
}
