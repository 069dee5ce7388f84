import { hkdfSync } from 'node:crypto'
import { CompactEncrypt, compactDecrypt } from 'jose'

/** Key material from a secret of any format. The label keeps it apart from other uses of that secret. */
export const deriveBytes = (secret: string, label: string, length = 32) =>
  new Uint8Array(hkdfSync('sha256', secret, '', label, length))

/** Encrypts a JSON value with a key of 256 bits (AES-GCM). */
export const sealJson = (value: unknown, key: Uint8Array): Promise<string> =>
  new CompactEncrypt(new TextEncoder().encode(JSON.stringify(value)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(key)

/** Throws JWEDecryptionFailed if it was encrypted with another key. */
export async function unsealJson<Value>(sealed: string, key: Uint8Array): Promise<Value> {
  const { plaintext } = await compactDecrypt(sealed, key, {
    keyManagementAlgorithms: ['dir'],
    contentEncryptionAlgorithms: ['A256GCM'],
  })
  return JSON.parse(new TextDecoder().decode(plaintext)) as Value
}
