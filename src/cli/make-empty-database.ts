import { chmodSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { EMPTY_DATABASE } from '../database/embedded/open.ts'
import { pgliteOptions } from '../database/embedded/options.ts'

/** Part of the installation: keeps an empty embedded database, which a first start then only copies. */
const unfinished = `${EMPTY_DATABASE}-unfinished`
for (const directory of [unfinished, EMPTY_DATABASE]) rmSync(directory, { recursive: true, force: true })
const pglite = await PGlite.create(pgliteOptions({ dataDir: unfinished, fsync: false }))
await pglite.close()
// Who installs need not be who starts, and some files are for their owner alone.
for (const entry of readdirSync(unfinished, { recursive: true, withFileTypes: true })) {
  if (entry.isFile()) chmodSync(join(entry.parentPath, entry.name), 0o644)
}
renameSync(unfinished, EMPTY_DATABASE)
