import { fsyncSync } from 'node:fs'
import { NodeFS } from '@electric-sql/pglite/nodefs'

/** The part of Emscripten's file system on Node.js that is used here. */
interface NodeFiles {
  stream_ops: { fsync?(stream: { nfd?: number }): number }
  tryFSOperation<Result>(operation: () => Result): Result
}

/**
 * PGlite's files, with the fsync that Emscripten's file system on Node.js lacks: without it, PostgreSQL calls fsync and
 * nothing happens, whatever `SHOW fsync` says.
 */
export class SyncedFiles extends NodeFS {
  override async init(...[pglite, options]: Parameters<NodeFS['init']>) {
    const { emscriptenOpts } = await super.init(pglite, options)
    const addFsync = (module: object) => {
      const { NODEFS } = module as { NODEFS: NodeFiles }
      NODEFS.stream_ops.fsync = ({ nfd }) => {
        if (nfd !== undefined) NODEFS.tryFSOperation(() => fsyncSync(nfd))
        return 0
      }
    }
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [addFsync, ...[emscriptenOpts.preRun ?? []].flat()] } }
  }
}
