import { cleanUpLater } from './clean-up.ts'
import { type Cluster, SERVING_ROLE } from './cluster.ts'
import { type Fault, type Need, type Scene, underLoad, type World } from './fault.ts'
import { Parley } from './parley.ts'

export interface OnPostgresql extends Scene {
  world: World
  cluster: Cluster
  database: string
}

interface Options {
  needs?: readonly Need[]
  /** Beside those that name the database. */
  settings?: Record<string, string>
  /** Otherwise those are served that the cluster's own port leads to. */
  port?(world: World, cluster: Cluster): Promise<number>
  /** Otherwise the shared one. */
  cluster?(world: World): Promise<Cluster>
  /** Otherwise one with the settings above. */
  servers?(settings: Record<string, string>): Promise<Parley[]>
}

/** A disaster that happens to a Parley on PostgreSQL, which has a database of its own. */
export function onPostgresql(
  name: string,
  disaster: (scene: OnPostgresql) => Promise<void>,
  { needs = [], settings = {}, port, cluster: clusterOf = sharedCluster, servers }: Options = {},
): Fault {
  return {
    name,
    needs: ['postgresql', ...needs],
    async run(world) {
      const cluster = await clusterOf(world)
      cleanUpLater(() => cluster.recover())
      const database = await cluster.newDatabase()
      const all = { ...settingsOf(cluster, database, await port?.(world, cluster)), ...settings }
      return underLoad({
        servers: servers ? await servers(all) : [await Parley.start(all)],
        async withSession(work) {
          await cluster.recover()
          return cluster.as(database, work)
        },
        disaster: (scene) => disaster({ ...scene, world, cluster, database }),
      })
    },
  }
}

export async function sharedCluster({ cluster }: World): Promise<Cluster> {
  if (!cluster) throw new Error('there is no PostgreSQL')
  return cluster
}

/** The owner always connects to the cluster itself: migrations hold a lock of their session. */
export const settingsOf = (cluster: Cluster, database: string, port = cluster.port): Record<string, string> => ({
  DATABASE_OWNER_URL: cluster.url(database),
  DATABASE_URL: cluster.url(database, { role: SERVING_ROLE, port }),
})
