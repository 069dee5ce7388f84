import { renameSync, rmSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import { EMBEDDED_OPTIONS, EMPTY_DATABASE } from '../database/embedded.ts'

/** Part of the installation: keeps an empty embedded database, which a first start then only copies. */
const unfinished = `${EMPTY_DATABASE}-unfinished`
for (const directory of [unfinished, EMPTY_DATABASE]) rmSync(directory, { recursive: true, force: true })
const pglite = await PGlite.create({ dataDir: unfinished, ...EMBEDDED_OPTIONS })
await pglite.close()
renameSync(unfinished, EMPTY_DATABASE)
