import { PGlite } from '@electric-sql/pglite'
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin'

/** Its shared memory is filled with zeros at every start: PostgreSQL's default of 128 MB took 0.6 s of it. */
const SHARED_BUFFERS = '16MB'

export const EMBEDDED_OPTIONS = {
  extensions: { btree_gin },
  startParams: [...PGlite.defaultStartParams, '-c', `shared_buffers=${SHARED_BUFFERS}`],
}
