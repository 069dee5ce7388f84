import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where a restored database is until it is complete. */
export const restoringPlace = (dataDir: string) => join(dataDir, 'database-restoring')

/** Opening the directory would create an empty database in place of the one that was to be restored. */
export function refuseUnfinishedRestore(dataDir: string): void {
  if (existsSync(restoringPlace(dataDir))) {
    throw new Error(
      `DATA_DIR: a restore into ${dataDir} was cut short. Run npm run restore again, or remove ${restoringPlace(dataDir)}.`,
    )
  }
}
