import { Connection } from '../connection.ts'
import type { Parley } from '../systems/parley.ts'
import { outcomeOf } from './answers.ts'
import { withCredential } from './credentials.ts'

/** A candidate: the JSON of its body. */
export interface Candidate {
  name: string
  body: string
}

/** How long to wait for one. Those that take longer are known to be heavy enough. */
const PATIENCE_MS = 15_000
const LONG_MS = 5_000
const CHOSEN = 4

export interface Tried extends Candidate {
  outcome: string
  milliseconds: number
}

/**
 * Tries each by itself, on an idle server, and returns those that take longest, refused or not, heaviest first. Once
 * enough of them took long, the others need not be tried.
 */
export async function heaviestOf(
  parley: Parley,
  credential: string,
  candidates: readonly Candidate[],
): Promise<Tried[]> {
  const once: Tried[] = []
  const isEnough = () => once.filter(({ milliseconds }) => milliseconds > LONG_MS).length >= CHOSEN
  for (const candidate of candidates)
    if (!isEnough()) once.push({ ...candidate, ...(await attempt(parley, credential, candidate.body)) })
  const tried = []
  // Being slow only the first time does not count.
  for (const first of heaviestFirst(once).slice(0, 2 * CHOSEN)) {
    const again = first.milliseconds > LONG_MS ? first : await attempt(parley, credential, first.body)
    tried.push({ ...first, ...again })
  }
  return heaviestFirst(tried).slice(0, CHOSEN)
}

const heaviestFirst = (tried: readonly Tried[]) => tried.toSorted((a, b) => b.milliseconds - a.milliseconds)

export async function attempt(
  { origin, ...parley }: Parley,
  credential: string,
  body: string,
): Promise<{ outcome: string; milliseconds: number; answer: Buffer | null }> {
  const connection = await Connection.open(origin)
  const begin = performance.now()
  const tired = new Promise<null>((resolve) => setTimeout(resolve, PATIENCE_MS, null).unref())
  const answered = connection
    .send(withCredential({ origin, ...parley }, credential, body))
    .catch((error: Error) => error)
  const answer = await Promise.race([answered, tired])
  connection.close()
  const milliseconds = performance.now() - begin
  if (answer instanceof Error) return { outcome: answer.message, milliseconds, answer: null }
  return { outcome: answer ? outcomeOf(answer) : 'no answer in time', milliseconds, answer }
}

export const describe = (tried: readonly Tried[]) =>
  tried.map(
    ({ name, outcome, milliseconds, body }) =>
      `${name}: ${body.length.toLocaleString('en')} bytes, ${outcome}, ${milliseconds.toFixed(0)} ms`,
  )
