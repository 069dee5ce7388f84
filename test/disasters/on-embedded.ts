import { join } from 'node:path'
import { openEmbedded } from '../../src/database/embedded/open.ts'
import type { Session } from '../../src/database/session.ts'
import { type Fault, type Need, type Scene, underLoad } from './fault.ts'
import { Parley } from './parley.ts'
import { newDirectory } from './workspace.ts'

export interface OnEmbedded extends Scene {
  server: Parley
  /** Where the data directory is. */
  disk: string
}

interface Options {
  needs?: readonly Need[]
  /** For a disk of its own. */
  megabytes?: number
}

/** A disaster that happens to a Parley with the embedded database. */
export function onEmbedded(
  name: string,
  disaster: (scene: OnEmbedded) => Promise<void>,
  { needs = [], megabytes }: Options = {},
): Fault {
  return {
    name,
    needs,
    async run() {
      const disk = newDirectory({ megabytes })
      const dataDir = join(disk, 'data')
      const server = await Parley.start({ DATA_DIR: dataDir })
      return underLoad({
        servers: [server],
        withSession: (work) => withEmbedded(dataDir, work),
        disaster: (scene) => disaster({ ...scene, server, disk }),
      })
    },
  }
}

/** A data directory that no server uses, as the superuser. */
export async function withEmbedded<Result>(
  dataDir: string,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const { session, close } = await openEmbedded({ dataDir, connectTimeoutMs: 20_000 })
  try {
    return await work(session)
  } finally {
    await close()
  }
}
