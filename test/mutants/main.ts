import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cleaningUp, cleanUpOnSignals } from '../disasters/clean-up.ts'
import { Checkout } from './checkout.ts'
import type { DatabaseKind, Mutant } from './mutant.ts'

/**
 * Whether the tests notice that the code is wrong: makes each change of the lists in a copy of the project, and runs the
 * tests that should notice it.
 *
 *   npm run mutants [-- --only W02,W04] [-- --area writes,limits]
 *
 * Fails if one was not noticed, or does not fit the code any more.
 */
const { values } = parseArgs({
  options: { only: { type: 'string' }, area: { type: 'string' }, copies: { type: 'string', default: '2' } },
})

const PROJECT = join(import.meta.dirname, '../..')
const LISTS = join(import.meta.dirname, 'lists')

/** A mutant and where it must be noticed. */
interface Trial {
  mutant: Mutant
  kind: DatabaseKind
}

async function main() {
  const mutants = await load()
  const misfits = mutants.flatMap(problemsOf)
  if (misfits.length > 0) throw new Error(misfits.join('\n'))
  const trials = mutants.flatMap((mutant) => (mutant.on ?? (['pglite'] as const)).map((kind) => ({ mutant, kind })))
  const hasPostgres = process.env['TEST_DATABASE_URL'] !== undefined
  const due = trials.filter(({ kind }) => kind === 'pglite' || hasPostgres)
  const checkouts = Array.from({ length: Number(values.copies) }, () => new Checkout())
  await passesUnchanged(due, checkouts)
  const unnoticed = await tryAll(due, checkouts)
  for (const { mutant, kind } of unnoticed) console.log(`not noticed on ${kind}: ${mutant.id} in ${mutant.file}`)
  const skipped = trials.length - due.length
  const rest = skipped > 0 ? `, ${skipped} skipped, which need TEST_DATABASE_URL` : ''
  console.log(`${due.length - unnoticed.length} noticed, ${unnoticed.length} not noticed${rest}`)
  if (unnoticed.length > 0) process.exitCode = 1
}

async function load(): Promise<Mutant[]> {
  const areas = readdirSync(LISTS).map((name) => name.replace(/\.ts$/, ''))
  const chosenAreas = chosen(values.area, areas)
  const lists = chosenAreas.map(async (area): Promise<Mutant[]> => (await import(`./lists/${area}.ts`)).mutants)
  const all = (await Promise.all(lists)).flat()
  const ids = all.map(({ id }) => id)
  const repeated = ids.filter((id, i) => ids.indexOf(id) !== i)
  if (repeated.length > 0) throw new Error(`More than one mutant is called ${repeated.join(', ')}.`)
  const chosenIds = chosen(values.only, ids)
  return all.filter(({ id }) => chosenIds.includes(id))
}

function chosen(names: string | undefined, all: readonly string[]): readonly string[] {
  const some = names?.split(',') ?? all
  const unknown = some.filter((name) => !all.includes(name))
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}. There are ${all.join(', ')}.`)
  return some
}

/** Why a mutant does not fit the code. */
function problemsOf({ id, file, from, to, tests }: Mutant): string[] {
  const missing = tests.filter((test) => !existsSync(join(PROJECT, test)))
  if (missing.length > 0) return [`${id}: there is no ${missing.join(', ')}`]
  const source = readFileSync(join(PROJECT, file), 'utf8')
  const count = source.split(from).length - 1
  if (count !== 1) return [`${id}: ${file} has its text ${count} times`]
  return file.endsWith('.ts')
    ? problemsOfSource(
        id,
        source.replace(from, () => to),
      )
    : []
}

/** What can't be read is noticed by any test. */
function problemsOfSource(id: string, source: string): string[] {
  try {
    stripTypeScriptTypes(source)
    return []
  } catch (error) {
    return [`${id}: is no TypeScript: ${(error as Error).message}`]
  }
}

/** Tests that fail anyway would notice everything. */
async function passesUnchanged(trials: readonly Trial[], checkouts: readonly Checkout[]) {
  const kinds = [...new Set(trials.map(({ kind }) => kind))]
  await inParallel(kinds, checkouts, async (kind, checkout) => {
    const files = new Set(trials.filter((trial) => trial.kind === kind).flatMap(({ mutant }) => mutant.tests))
    const { passed, output } = await checkout.test([...files], kind)
    if (!passed) throw new Error(`${output}\nThese tests fail on ${kind} without any change.`)
  })
}

/** Those that were not noticed. */
async function tryAll(trials: readonly Trial[], checkouts: readonly Checkout[]): Promise<Trial[]> {
  const unnoticed: Trial[] = []
  await inParallel(trials, checkouts, async (trial, checkout) => {
    const { mutant, kind } = trial
    const began = performance.now()
    const { passed } = await checkout.with(mutant, () => checkout.test(mutant.tests, kind))
    if (passed) unnoticed.push(trial)
    const seconds = ((performance.now() - began) / 1_000).toFixed(1)
    console.log(`${mutant.id.padEnd(6)} ${kind.padEnd(11)} ${passed ? 'NOT NOTICED' : 'noticed'} (${seconds} s)`)
  })
  return unnoticed
}

/** Each checkout does one thing after the other. */
async function inParallel<Item>(
  items: readonly Item[],
  checkouts: readonly Checkout[],
  work: (item: Item, checkout: Checkout) => Promise<void>,
) {
  const waiting = [...items]
  await Promise.all(
    checkouts.map(async (checkout) => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item, checkout)
    }),
  )
}

cleanUpOnSignals()
await cleaningUp(main).catch((error: Error) => {
  console.error(error.message)
  process.exitCode = 1
})
