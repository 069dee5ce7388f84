import { chmodSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { EMPTY_DATABASE } from '../database/embedded/open.ts'
import { pgliteOptions } from '../database/embedded/options.ts'

/** Part of the installation: creates an empty embedded database, which a first start then only has to copy. */
const unfinished = `${EMPTY_DATABASE}-unfinished`
for (const directory of [unfinished, EMPTY_DATABASE]) rmSync(directory, { recursive: true, force: true })
const pglite = await PGlite.create(pgliteOptions({ dataDir: unfinished, fsync: false }))
await pglite.close()
// The user who installs need not be the one who starts, and only their owner can read some of these files.
for (const entry of readdirSync(unfinished, { recursive: true, withFileTypes: true })) {
  if (entry.isFile()) chmodSync(join(entry.parentPath, entry.name), 0o644)
}
renameSync(unfinished, EMPTY_DATABASE)
