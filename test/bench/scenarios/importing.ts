import { once } from 'node:events'
import { createWriteStream, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout } from 'node:timers/promises'
import type { BenchDatabase } from '../database.ts'
import { memoryOf } from '../process-use.ts'
import { type Mark, printTable, under } from '../report.ts'
import { startParley } from '../systems/parley.ts'
import { spawnNode } from '../systems/system.ts'
import { makeTenants } from '../written-rows.ts'

const SAMPLE = 'test/data/taskmaster-sample.jsonl'
/** How often memory is looked at, and how many of these looks are printed. */
const LOOK_EVERY_MS = 250
const PRINTED_LOOKS = 10

interface Conversation {
  utterances: { annotations: { name: string }[] }[]
}

/** Of fewer messages nothing is concluded: what is let go is collected later. */
const ENOUGH_MESSAGES = 100_000

interface Look {
  seconds: number
  importer: number
  parley: number
}

/** What the importer and the server keep in memory while as many messages are imported as the database has conversations. */
export async function importScenario(database: BenchDatabase): Promise<Mark[]> {
  const [tenantId = ''] = await makeTenants(database, 'import', 1)
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'))
  const parley = await startParley(database.ownerUrl)
  try {
    const file = join(folder, 'conversations.jsonl')
    await pipeline(linesOf(database.size), createWriteStream(file))
    const output = join(folder, 'output')
    const range = ['--from', '2026-01-01', '--to', '2026-02-01', '--tenant', tenantId]
    const importer = spawnNode(['src/cli/import.ts', file, '--url', `${parley.origin}/graphql`, ...range], {
      env: { ...process.env, PARLEY_KEY: parley.key },
      stdout: openSync(output, 'w'),
    })
    const looks = await lookUntilEnd(importer, parley.pid)
    if (importer.exitCode !== 0) throw new Error(`the import failed:\n${readFileSync(output)}`)
    const [stored] = await database.sql<{ messages: number }>(
      'SELECT count(*)::int AS messages FROM messages WHERE tenant_id = $1',
      [tenantId],
    )
    print(looks, stored?.messages ?? 0)
    if (database.size < ENOUGH_MESSAGES) return []
    return [flatness('the importer', looks, 'importer'), flatness('the server', looks, 'parley')]
  } finally {
    await parley.stop()
    rmSync(folder, { recursive: true })
  }
}

/** The sample's conversations over and over, under ids of their own, until they hold so many messages. */
function* linesOf(messages: number): Generator<string> {
  const sample = readFileSync(SAMPLE, 'utf8').trimEnd().split('\n')
  for (let written = 0, turn = 0; written < messages; turn += 1) {
    const conversation = JSON.parse(sample[turn % sample.length] ?? '') as Conversation
    written += conversation.utterances.length
    // A call of a tool is a message, too.
    for (const { annotations } of conversation.utterances)
      written += annotations.filter(({ name }) => name === 'api_call').length
    yield `${JSON.stringify({ ...conversation, conversation_id: `import-${turn}` })}\n`
  }
}

async function lookUntilEnd(importer: ReturnType<typeof spawnNode>, parleyPid: number): Promise<Look[]> {
  const looks: Look[] = []
  const begin = performance.now()
  const ended = once(importer, 'exit')
  while (importer.exitCode === null && importer.signalCode === null) {
    const [importing, serving] = [memoryOf(importer.pid ?? 0).now, memoryOf(parleyPid).now]
    // NaN: it ended between the two.
    if (importing > 0)
      looks.push({ seconds: (performance.now() - begin) / 1_000, importer: importing, parley: serving })
    await Promise.race([setTimeout(LOOK_EVERY_MS), ended])
  }
  return looks
}

function print(looks: readonly Look[], messages: number) {
  const seconds = looks.at(-1)?.seconds ?? Number.NaN
  const printed = Array.from(
    { length: PRINTED_LOOKS },
    (_, i) => looks[Math.round((i * (looks.length - 1)) / (PRINTED_LOOKS - 1))],
  )
  printTable(
    `Import of ${messages.toLocaleString('en')} messages, ${Math.round(messages / seconds).toLocaleString('en')} a second`,
    printed.flatMap((look) =>
      look
        ? [
            {
              'after, s': look.seconds.toFixed(1),
              'importer, MB': look.importer.toFixed(0),
              'server, MB': look.parley.toFixed(0),
            },
          ]
        : [],
    ),
  )
}

/** Memory at the end beside that after a fifth of the time, when everything that is needed was loaded. */
function flatness(who: string, looks: readonly Look[], part: 'importer' | 'parley'): Mark {
  const least = Math.floor(looks.length / 5)
  const [early, late] = [looks.slice(least, 2 * least), looks.slice(-Math.max(least, 1))].map((some) =>
    Math.max(...some.map((look) => look[part])),
  )
  return under(`import: memory of ${who} in the last fifth, of that in the second`, 1.25, (late ?? 0) / (early ?? 0))
}
