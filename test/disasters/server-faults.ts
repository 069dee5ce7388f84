import { signalIfThere } from './child.ts'
import { type Fault, type Scene, seconds } from './fault.ts'
import { onEmbedded } from './on-embedded.ts'
import { onPostgresql } from './on-postgresql.ts'
import { Parley } from './parley.ts'
import { until } from './until.ts'

const TIMES = 2

/** Again and again, at any moment. */
async function killServer({ servers: [server], load, answersAgain }: Scene) {
  for (let i = 0; i < TIMES; i += 1) {
    await server?.kill()
    await server?.start()
    await answersAgain()
    await load.goesOn(2)
  }
}

/** The other serves on, and it is replaced. */
async function killWorker({ servers: [server], load, answersAgain }: Scene) {
  for (let i = 0; i < TIMES; i += 1) {
    const [victim] = server?.workers ?? []
    if (victim === undefined) throw new Error('there is no worker')
    signalIfThere(victim, 'SIGKILL')
    await answersAgain()
    await load.goesOn(2)
    await until('the worker is replaced', () => server?.workers.length === 2 && !server.workers.includes(victim))
  }
}

/** Its workers end with it. */
async function killPrimary({ servers: [server], answersAgain }: Scene) {
  const workers = server?.workers ?? []
  await server?.kill()
  await until('the port is free', async () => (await server?.statusOf('/health')) === null, { withinMs: 10_000 })
  await server?.start()
  await answersAgain()
  if (server?.workers.some((pid) => workers.includes(pid))) throw new Error('a worker outlived its primary')
}

/** Loaded into a server before anything else: libfaketime is not in every distribution, and this is as wrong. */
const clockOffBy = (hours: number) => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`
    const offMs = ${hours} * 3_600_000
    const Right = Date
    globalThis.Date = class Date extends Right {
      constructor(...given) { given.length === 0 ? super(Right.now() + offMs) : super(...given) }
      static now() { return Right.now() + offMs }
    }`)}`,
})

export const serverFaults: Fault[] = [
  onPostgresql('server-killed', killServer),
  onEmbedded('server-killed-embedded', killServer),
  onPostgresql('worker-killed', killWorker, { settings: { PROCESSES: '2' } }),
  onPostgresql('primary-killed', killPrimary, { settings: { PROCESSES: '2' } }),
  onPostgresql(
    'clocks-off',
    async ({ answersAgain }) => {
      await seconds(3)
      await answersAgain()
    },
    {
      servers: async (settings) => {
        const early = await Parley.start({ ...settings, ...clockOffBy(-2) })
        return [early, await Parley.start({ ...settings, ...clockOffBy(2) }, early.key)]
      },
    },
  ),
]
