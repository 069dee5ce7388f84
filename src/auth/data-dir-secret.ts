import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MIN_SECRET_CHARACTERS } from '../config.ts'

/** The file of the secret in a data directory. */
export const SECRET_FILE = 'signing-key-secret'

/** The secret of an embedded database's directory, generated at the first start and readable only by its owner. */
export function generatedSecret(dataDir: string): string {
  const file = join(dataDir, SECRET_FILE)
  if (!existsSync(file)) {
    // Renamed once it is complete: a start that is killed in between must not leave half a secret.
    writeFileSync(`${file}.new`, randomBytes(32).toString('base64url'), { mode: 0o600, flush: true })
    renameSync(`${file}.new`, file)
  }
  const secret = read(file)
  // A power failure may leave an empty file, and anybody could decrypt what is encrypted with an empty secret.
  if (secret.length >= MIN_SECRET_CHARACTERS) return secret
  throw new Error(
    `DATA_DIR: ${file} is damaged. Restore it from a backup. If there is none, delete it: the next start generates another, and rotateSigningKey creates a key that is encrypted with it.`,
  )
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Error(
      `DATA_DIR: ${file} can't be read: ${(error as Error).message}. Let the user that runs Parley read it.`,
      { cause: error },
    )
  }
}
