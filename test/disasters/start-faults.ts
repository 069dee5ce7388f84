import { setTimeout } from 'node:timers/promises'
import { migrationNames } from '../../src/database/migrate.ts'
import type { Session } from '../../src/database/session.ts'
import { TEMPLATE } from './cluster.ts'
import { type Fault, type Outcome, seconds, underLoad, type World } from './fault.ts'
import type { Ledger } from './ledger.ts'
import { makeOldDatabase, PLANTED } from './old-database.ts'
import { withEmbedded } from './on-embedded.ts'
import { settingsOf, sharedCluster } from './on-postgresql.ts'
import { Parley } from './parley.ts'
import { schemaDifferences, schemaOf } from './schema-of.ts'
import { until } from './until.ts'
import { newDirectory } from './workspace.ts'

/** Four starts at once on an empty database: all serve, and one first key is made between them. */
async function startFour(world: World): Promise<Outcome> {
  const cluster = await sharedCluster(world)
  const database = await cluster.newDatabase({ empty: true })
  const settings = settingsOf(cluster, database)
  const servers: Parley[] = []
  // An empty key counts as none: the first one is generated.
  for (let i = 0; i < 4; i += 1) servers.push(await Parley.create(settings, ''))
  for (const server of servers) server.spawn()
  await Promise.all(servers.map((server) => server.serves()))
  const key = await until('the first key is printed', () => servers.map(({ printedKey }) => printedKey).find(Boolean))
  for (const server of servers) server.key = key
  const outcome = await underLoad({
    servers,
    withSession: (work) => cluster.as(database, work),
    disaster: async ({ answersAgain }) => {
      await seconds(1)
      await answersAgain()
    },
  })
  const printed = servers.filter(({ printedKey }) => printedKey !== null).length
  if (printed !== 1) outcome.problems.push(`${printed} processes made a first key`)
  return withSchema(outcome, await cluster.as(database, schemaOf), await cluster.as(TEMPLATE, schemaOf))
}

const withSchema = (outcome: Outcome, is: readonly string[], shouldBe: readonly string[]): Outcome => ({
  ...outcome,
  differences: [...outcome.differences, ...schemaDifferences(is, shouldBe)],
})

const KILLS = 10

interface Migrated {
  settings: Record<string, string>
  withSession<Result>(work: (session: Session) => Promise<Result>): Promise<Result>
  /** Waits for the moment of a kill. */
  moment(i: number): Promise<void>
  /** Whether something is left to migrate, if that can be seen. */
  isUnfinished?(): Promise<boolean>
  schema: readonly string[]
}

/** A start is killed ten times while it migrates; the next one succeeds, and its database is as if nothing had happened. */
async function killMigrations(
  { settings, withSession, moment, isUnfinished = async () => true, schema }: Migrated,
  isOld = false,
): Promise<Outcome> {
  const server = await Parley.create(settings)
  let cutShort = 0
  for (let i = 0; i < KILLS; i += 1) {
    server.spawn()
    await moment(i)
    await server.kill()
    if (await isUnfinished()) cutShort += 1
  }
  await server.start()
  if (isOld) await finishUpgrade(server, withSession)
  const outcome = await underLoad({
    servers: [server],
    disaster: async ({ load, answersAgain }) => {
      if (isOld) expectPlanted(load.ledger)
      await answersAgain()
    },
    withSession,
  })
  if (cutShort < KILLS / 2) outcome.problems.push(`only ${cutShort} kills came before the last migration`)
  return withSchema(outcome, await withSession(schemaOf), schema)
}

/** Waits until all rows are up to date. The next start removes what only they needed. */
async function finishUpgrade(server: Parley, withSession: Migrated['withSession']) {
  await until('stored rows are up to date', () =>
    withSession(async (session) => (await session.query('SELECT FROM tenant_jobs LIMIT 1')).length === 0),
  )
  await server.stop()
  await server.start()
}

function expectPlanted(ledger: Ledger) {
  for (let i = 1; i <= PLANTED.conversations; i += 1) {
    const tag = `${PLANTED.tenant}/${i}`
    ledger.send(tag, PLANTED.messages)
    ledger.acknowledge(tag)
  }
}

/** Each kill waits until a few more migrations are applied, and then some milliseconds into the next one. */
async function killOnPostgresql(world: World, isOld: boolean): Promise<Outcome> {
  const cluster = await sharedCluster(world)
  const database = await cluster.newDatabase({ empty: true })
  const applied = isOld ? await cluster.as(database, makeOldDatabase) : 0
  const perKill = (migrationNames.length - applied) / KILLS
  const schema = await cluster.as(TEMPLATE, schemaOf)
  return cluster.as(database, (watching) =>
    killMigrations(
      {
        settings: settingsOf(cluster, database),
        withSession: (work) => cluster.as(database, work),
        async moment(i) {
          const target = applied + 1 + Math.floor(i * perKill)
          await until('migrations are applied', async () => (await countApplied(watching)) >= target, { everyMs: 2 })
          await setTimeout(i * 2)
        },
        isUnfinished: async () => (await countApplied(watching)) < migrationNames.length,
        schema,
      },
      isOld,
    ),
  )
}

async function countApplied(session: Session): Promise<number> {
  const [table] = await session.query<{ present: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS present`,
  )
  if (!table?.present) return 0
  const [row] = await session.query<{ count: number }>('SELECT count(*)::int AS count FROM _prisma_migrations')
  return row?.count ?? 0
}

/** Kills are spread over the time that a start takes: nobody else can look into its database. */
async function killOnEmbedded(): Promise<Outcome> {
  const undisturbedDir = newDirectory()
  const began = performance.now()
  const undisturbed = await Parley.start({ DATA_DIR: undisturbedDir })
  const startMs = performance.now() - began
  await undisturbed.stop()
  const dataDir = newDirectory()
  return killMigrations({
    settings: { DATA_DIR: dataDir },
    withSession: (work) => withEmbedded(dataDir, work),
    moment: (i) => setTimeout((startMs * (i + 0.5)) / KILLS),
    schema: await withEmbedded(undisturbedDir, schemaOf),
  })
}

export const startFaults: Fault[] = [
  { name: 'four-starts', needs: ['postgresql'], run: startFour },
  { name: 'migration-killed', needs: ['postgresql'], run: (world) => killOnPostgresql(world, false) },
  { name: 'migration-of-old-killed', needs: ['postgresql'], run: (world) => killOnPostgresql(world, true) },
  { name: 'migration-killed-embedded', needs: [], run: killOnEmbedded },
]
