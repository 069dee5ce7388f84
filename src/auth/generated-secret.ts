import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Its file in a data directory. */
export const SECRET_FILE = 'signing-key-secret'

/** The secret of an embedded database's directory: made at the first start, readable by its owner alone. */
export function generatedSecret(dataDir: string): string {
  const file = join(dataDir, SECRET_FILE)
  if (!existsSync(file)) {
    // Renamed when whole: a start that is killed in between must not leave half a secret.
    writeFileSync(`${file}.new`, randomBytes(32).toString('base64url'), { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
  return readFileSync(file, 'utf8')
}
