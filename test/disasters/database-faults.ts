import { FaultyProxy } from '../support/faulty-proxy.ts'
import { Bouncer } from './bouncer.ts'
import { cleanUpLater } from './clean-up.ts'
import { Cluster } from './cluster.ts'
import { type Fault, seconds } from './fault.ts'
import { type OnEmbedded, onEmbedded } from './on-embedded.ts'
import { type OnPostgresql, onPostgresql } from './on-postgresql.ts'
import { until } from './until.ts'
import { fillDisk } from './workspace.ts'

const restart =
  (mode: 'fast' | 'immediate', downSeconds = 0) =>
  async ({ cluster, answersAgain }: OnPostgresql) => {
    await cluster.stop(mode)
    await seconds(downSeconds)
    await cluster.start()
    await answersAgain()
  }

async function crash({ cluster, answersAgain }: OnPostgresql) {
  await cluster.crash()
  await cluster.start()
  await answersAgain()
}

async function killBackend({ cluster, database, load, answersAgain }: OnPostgresql) {
  for (let i = 0; i < 2; i += 1) {
    await cluster.killBackend(database)
    await cluster.answers()
    await answersAgain()
    await load.goesOn(2)
  }
}

async function pause({ cluster, answersAgain }: OnPostgresql) {
  cluster.pause()
  await seconds(12)
  cluster.resume()
  await answersAgain()
}

function cutConnections(): Fault {
  let proxy: FaultyProxy
  const disaster = async ({ load, answersAgain }: OnPostgresql) => {
    for (const ending of ['RESET', 'CLOSE', 'RESET', 'CLOSE'] as const) {
      proxy.cutAll(ending)
      await answersAgain()
      await load.goesOn(1)
    }
    // At the worst moments: a commit is on its way, or was made and nobody hears of it.
    for (const when of ['BEFORE', 'AFTER', 'BEFORE', 'AFTER', 'AFTER', 'AFTER'] as const) {
      const { cuts } = proxy
      proxy.cutAt({ text: 'COMMIT', when, ending: 'RESET', all: true })
      await until('a commit is cut', () => proxy.cuts > cuts)
      await answersAgain()
    }
  }
  return onPostgresql('connections-cut', disaster, {
    async port(_, cluster) {
      proxy = await FaultyProxy.start(cluster.url('postgres'))
      cleanUpLater(() => proxy.close())
      return Number(new URL(proxy.through(cluster.url('postgres'))).port)
    },
  })
}

/** Behind PgBouncer, whose connections two processes share. */
function behindBouncer(name: string, disaster: (scene: OnPostgresql, bouncer: Bouncer) => Promise<void>): Fault {
  let bouncer: Bouncer
  return onPostgresql(name, (scene) => disaster(scene, bouncer), {
    needs: ['pgbouncer'],
    settings: { PROCESSES: '2' },
    async port({ installed }, cluster) {
      bouncer = await Bouncer.start(installed, cluster)
      return bouncer.port
    },
  })
}

async function fillClusterDisk({ cluster, answersAgain }: OnPostgresql) {
  const makeRoom = fillDisk(cluster.directory)
  await seconds(5)
  makeRoom()
  if (!cluster.hasLogged('No space left on device')) throw new Error('PostgreSQL noticed no full disk')
  // It ends if it can't write its log.
  await cluster.recover()
  await answersAgain()
}

/** Writes are refused, and reads go on. */
async function fillDataDirectory({ server, disk, load, answersAgain }: OnEmbedded) {
  const makeRoom = fillDisk(disk)
  await until('/ready answers 503', async () => (await server.statusOf('/ready')) === 503, { withinMs: 15_000 })
  const before = { ...load.reads, writes: load.ledger.count }
  await seconds(4)
  // On a busy machine that takes longer.
  await until('reads are answered', async () => load.reads.answered >= before.answered + 20, { withinMs: 20_000 })
  const { failed } = load.reads
  const writes = load.ledger.count - before.writes
  makeRoom()
  await answersAgain()
  if (writes > 0) throw new Error(`${writes} writes were acknowledged while the disk was full`)
  if (failed > before.failed) throw new Error(`${failed - before.failed} reads failed while the disk was full`)
}

export const databaseFaults: Fault[] = [
  onPostgresql('postgresql-restarted-fast', restart('fast')),
  onPostgresql('postgresql-restarted-immediate', restart('immediate')),
  onPostgresql('postgresql-crashed', crash),
  onPostgresql('postgresql-backend-killed', killBackend),
  onPostgresql('postgresql-paused-12s', pause),
  onPostgresql('postgresql-down-8s', restart('fast', 8)),
  cutConnections(),
  onPostgresql('disk-full', fillClusterDisk, {
    needs: ['tmpfs'],
    cluster: ({ installed }) => Cluster.create(installed, 400),
  }),
  onEmbedded('disk-full-embedded', fillDataDirectory, { needs: ['tmpfs'], megabytes: 400 }),
  behindBouncer('pgbouncer', async ({ answersAgain }) => {
    await seconds(3)
    await answersAgain()
  }),
  behindBouncer('pgbouncer-killed', async ({ answersAgain }, bouncer) => {
    await bouncer.kill()
    await seconds(2)
    await bouncer.restart()
    await answersAgain()
  }),
]
