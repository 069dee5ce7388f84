import { PGlite } from '@electric-sql/pglite'
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin'
import { SyncedFiles } from './synced-files.ts'

/** PGlite fills its shared memory with zeros at every start: PostgreSQL's default of 128 MB took 0.6 s. */
const SHARED_BUFFERS = '16MB'

/** Segments of the log that a checkpoint no longer needs are reused, up to this size; the others are deleted. */
const SMALL_LOG = ['-c', 'min_wal_size=32MB', '-c', 'max_wal_size=64MB']

/** PGlite starts without fsync by default. */
const WITHOUT_FSYNC = '-F'
/** fdatasync, the default, is not implemented there. */
const WITH_FSYNC = ['-c', 'fsync=on', '-c', 'wal_sync_method=fsync']

/** Where the embedded database is, and whether a commit is on disk before it is confirmed. */
export interface EmbeddedPlace {
  dataDir: string
  fsync: boolean
}

export function pgliteOptions({ dataDir, fsync }: EmbeddedPlace) {
  const params = PGlite.defaultStartParams.filter((param) => !fsync || param !== WITHOUT_FSYNC)
  return {
    fs: new SyncedFiles(dataDir),
    extensions: { btree_gin },
    startParams: [...params, '-c', `shared_buffers=${SHARED_BUFFERS}`, ...SMALL_LOG, ...(fsync ? WITH_FSYNC : [])],
  }
}

/** How the database serves: its role is set each time it is opened again. */
export interface Serving {
  role: string
  statementTimeoutMs: number
}
