import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MIN_SECRET_CHARACTERS } from '../config.ts'

/** Its file in a data directory. */
export const SECRET_FILE = 'signing-key-secret'

/** The secret of an embedded database's directory: made at the first start, readable by its owner alone. */
export function generatedSecret(dataDir: string): string {
  const file = join(dataDir, SECRET_FILE)
  if (!existsSync(file)) {
    // Renamed when whole: a start that is killed in between must not leave half a secret.
    writeFileSync(`${file}.new`, randomBytes(32).toString('base64url'), { mode: 0o600, flush: true })
    renameSync(`${file}.new`, file)
  }
  const secret = read(file)
  // A power failure may leave an empty file, and anybody could decrypt what is encrypted with that.
  if (secret.length >= MIN_SECRET_CHARACTERS) return secret
  throw new Error(
    `DATA_DIR: ${file} is damaged. Put back that of a backup. If there is none, remove it: a start makes another, and rotateSigningKey a key under it.`,
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
