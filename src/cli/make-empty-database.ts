import { writeFileSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import { EMBEDDED_OPTIONS, EMPTY_DATABASE } from '../database/embedded.ts'

/** Part of the installation: keeps an empty embedded database, which a first start then only unpacks. */
const pglite = await PGlite.create(EMBEDDED_OPTIONS)
const image = await pglite.dumpDataDir('gzip')
writeFileSync(EMPTY_DATABASE, Buffer.from(await image.arrayBuffer()))
await pglite.close()
