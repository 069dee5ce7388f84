import { join } from 'node:path'
import type { Session } from '../../src/database/session.ts'
import { writeTaskmasterFile } from '../bench/taskmaster-file.ts'
import { argumentsOf } from '../support/npm-script.ts'
import { Child } from './child.ts'
import { cleanUpLater } from './clean-up.ts'
import type { Fault, Outcome, World } from './fault.ts'
import { Ledger } from './ledger.ts'
import { messagesOf, startOf } from './messages.ts'
import { withEmbedded } from './on-embedded.ts'
import { settingsOf, sharedCluster } from './on-postgresql.ts'
import { Parley, type Tenant } from './parley.ts'
import { Reader } from './reader.ts'
import { until } from './until.ts'
import { verify } from './verify.ts'
import { newDirectory } from './workspace.ts'
import { Writer } from './writer.ts'

interface Place {
  settings: Record<string, string>
  withSession<Result>(work: (session: Session) => Promise<Result>): Promise<Result>
}

async function postgresqlPlace(world: World): Promise<Place> {
  const cluster = await sharedCluster(world)
  const database = await cluster.newDatabase()
  return { settings: settingsOf(cluster, database), withSession: (work) => cluster.as(database, work) }
}

async function embeddedPlace(): Promise<Place> {
  const dataDir = newDirectory()
  return { settings: { DATA_DIR: dataDir }, withSession: (work) => withEmbedded(dataDir, work) }
}

const KILLS = 3
/** So many calls of 500 conversations that the importer is never done before it is killed. */
const MESSAGES_IN_FILE = 60_000

/** The importer is killed three times, and run again each time, which in the end imports the whole file. */
async function killImporter(world: World): Promise<Outcome> {
  const { settings, withSession } = await postgresqlPlace(world)
  const server = await Parley.start(settings)
  const tenant = await server.newTenant('acme')
  const file = join(newDirectory(), 'conversations.jsonl')
  const written = await writeTaskmasterFile(file, MESSAGES_IN_FILE)
  const problems: string[] = []
  for (let i = 1; i <= KILLS; i += 1) {
    const importer = startImport(server, tenant, file)
    const enough = (written.conversations * i) / (KILLS + 2)
    const some = async () => !importer.running || (await countConversations(withSession)) >= enough
    await until('some of the file is imported', some, { withinMs: 60_000 })
    if (!importer.running) problems.push(`the importer ended before it was killed:\n${importer.lastLines()}`)
    await importer.kill()
  }
  const last = startImport(server, tenant, file)
  const code = await last.ended
  if (code !== 0) problems.push(`the importer ended with ${code}:\n${last.lastLines()}`)
  await server.stop()
  return withSession(async (session) => {
    const findings = await verify(session, new Ledger())
    const stored = await countAll(session)
    const lost = written.conversations - stored.conversations
    const off = stored.messages - written.messages
    return {
      ...findings,
      lost: lost > 0 ? [`${lost} conversations`] : [],
      twice: lost < 0 ? [`${-lost} conversations`] : [],
      differences: off === 0 ? findings.differences : [...findings.differences, `${off} messages`],
      ...{ acknowledged: written.conversations, backMs: null, problems },
    }
  })
}

function startImport(server: Parley, tenant: Tenant, file: string): Child {
  const args = [file, '--url', `${server.origin}/graphql`, '--from', '2026-01-01', '--to', '2026-02-01']
  const importer = new Child(process.execPath, [...argumentsOf('import'), ...args], {
    env: { PATH: process.env['PATH'], PARLEY_KEY: tenant.key },
    log: join(newDirectory(), 'import.log'),
  })
  cleanUpLater(() => importer.kill())
  return importer
}

const countConversations = async (withSession: Place['withSession']) => (await withSession(countAll)).conversations

async function countAll(session: Session): Promise<{ conversations: number; messages: number }> {
  const [row] = await session.query<{ conversations: number; messages: number }>(`
    SELECT (SELECT count(*) FROM conversations)::int AS conversations, (SELECT count(*) FROM messages)::int AS messages`)
  return row ?? { conversations: 0, messages: 0 }
}

const IMPORTS = 10
const CONVERSATIONS_EACH = 500

/** Ten calls of 500 conversations at once, while another tenant reads, none of whose reads may fail. */
async function importMany({ settings, withSession }: Place): Promise<Outcome> {
  const server = await Parley.start(settings)
  const [importing, neighbour] = [await server.newTenant('acme'), await server.newTenant('globex')]
  const ledger = new Ledger()
  const problems: string[] = []
  const options = { origins: [server.origin], ledger, onProblem: (problem: string) => void problems.push(problem) }
  await logAll(new Writer('few', { ...options, tenant: neighbour }), ledger, `${neighbour.id}/few`, 20)
  const reader = new Reader({ ...options, tenants: [neighbour] })
  const reading = reader.run()
  const imports = Array.from({ length: IMPORTS }, (_, i) => {
    const name = `import-${i}`
    return logAll(
      new Writer(name, { ...options, tenant: importing }),
      ledger,
      `${importing.id}/${name}`,
      CONVERSATIONS_EACH,
    )
  })
  await Promise.all(imports)
  reader.stop()
  await reading
  for (const { code, message } of reader.failed) problems.push(`a read of the neighbour failed: ${code}: ${message}`)
  if (reader.answered < 20) problems.push(`the neighbour had only ${reader.answered} reads`)
  await server.stop()
  const findings = await withSession((session) => verify(session, ledger))
  return { ...findings, acknowledged: ledger.count, backMs: null, problems }
}

async function logAll(writer: Writer, ledger: Ledger, name: string, count: number) {
  const inputs = Array.from({ length: count }, (_, i) => {
    const tag = `${name}/${i}`
    ledger.send(tag, 3)
    return { externalId: tag, idempotencyKey: tag, ...startOf(i), messages: messagesOf(tag, 3, i) }
  })
  await writer.logAll(inputs)
  for (const { externalId } of inputs) ledger.acknowledge(externalId)
}

export const importFaults: Fault[] = [
  { name: 'importer-killed', needs: ['postgresql'], run: killImporter },
  { name: 'ten-imports', needs: ['postgresql'], run: async (world) => importMany(await postgresqlPlace(world)) },
  { name: 'ten-imports-embedded', needs: [], run: async () => importMany(await embeddedPlace()) },
]
