import { parseArgs } from 'node:util'
import { z } from 'zod'
import type { TimeRange } from './taskmaster.ts'

export const USAGE = `Usage: npm run import -- FILE --from DATE --to DATE [--url URL] [--key KEY] [--tenant ID]
                             [--from-line N]

Logs the conversations of a Taskmaster-4 file (JSON lines, plain or gzip) through the GraphQL API.
Running it again logs only what is not there yet. Ctrl-C stops it and tells how to go on.

  --from DATE    when the first conversation starts: ISO 8601 date or date-time, UTC where it has no offset
  --to DATE      before when the last message is; conversations spread evenly over [from, to)
  --url URL      the GraphQL endpoint; default http://localhost:4000/graphql
  --key KEY      an API key with the scope CONVERSATIONS_WRITE; default: PARLEY_KEY in the environment,
                 which other users of the machine can't see
  --tenant ID    the tenant to log into; not needed with a key of one tenant
  --from-line N  begin at this line of the file, with the times that its conversations have in the whole
  --help         this text
`

const OPTIONS = {
  from: { type: 'string' },
  to: { type: 'string' },
  url: { type: 'string' },
  key: { type: 'string' },
  tenant: { type: 'string' },
  'from-line': { type: 'string' },
  help: { type: 'boolean' },
} as const

export interface ImportOptions {
  file: string
  url: string
  key: string
  tenant?: string | undefined
  range: TimeRange
  /** Whether the range ends now instead of later, as was asked for. */
  endsNow: boolean
  /** Where to begin, as an editor counts, from 1. */
  fromLine: number
}

/** Options that can't be used: one line each, all of them at once. */
export class OptionsError extends Error {
  constructor(problems: ReadonlyMap<string, string>) {
    super([...problems].map(([what, problem]) => `${what}: ${problem}`).join('\n'))
  }
}

/** What the command was asked to do; null where it was asked for help. */
export function readOptions(args: string[], env: Record<string, string | undefined>, now: Date): ImportOptions | null {
  // Not strict: parseArgs itself would throw at the first problem.
  const { tokens } = parseArgs({ args, options: OPTIONS, strict: false, allowPositionals: true, tokens: true })
  const problems = new Map<string, string>()
  const complain = (what: string, problem: string) => problems.set(what, problems.get(what) ?? problem)
  const given: Record<string, string> = {}
  const files: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') files.push(token.value)
    if (token.kind !== 'option') continue
    if (token.name === 'help') return null
    // The value of an option that was left without one is the option that follows it.
    const swallowed = !token.inlineValue && token.value?.startsWith('-')
    if (!Object.hasOwn(OPTIONS, token.name)) complain(token.rawName, 'there is no such option')
    else if (!token.value || swallowed) complain(token.rawName, 'needs a value')
    else given[token.name] = token.value
  }
  const [file] = files
  if (files.length !== 1) complain('FILE', file === undefined ? 'is missing' : `takes one, not ${files.length}`)

  const access = credentials.safeParse({ ...given, key: given['key'] ?? (env['PARLEY_KEY'] || undefined) })
  const times = timeRange(now).safeParse(given)
  const place = beginning.safeParse(given)
  for (const issue of [access, times, place].flatMap(({ error }) => error?.issues ?? [])) {
    complain(`--${issue.path.join('.')}`, issue.message)
  }
  if (!access.success || !times.success || !place.success || file === undefined || problems.size > 0)
    throw new OptionsError(problems)
  const { from, to } = times.data
  // A server refuses messages that are yet to come.
  return {
    file,
    ...access.data,
    range: { start: from, end: to < now ? to : now },
    endsNow: to > now,
    fromLine: place.data['from-line'],
  }
}

const visible = (message: string) => z.string('is missing').regex(/^[\x21-\x7e]+$/, message)

/** `precision: -1` is to the minute, which people type and which zod otherwise takes without an offset alone. */
const timeForms = [
  z.iso.date(),
  z.iso.datetime({ local: true, offset: true }),
  z.iso.datetime({ local: true, offset: true, precision: -1 }),
]

const time = z
  .string('is missing')
  .refine((text) => timeForms.some((form) => form.safeParse(text).success), 'must be an ISO 8601 date or date-time')
  // JavaScript reads a date as UTC, and a date-time without an offset as local time.
  .transform((text) => new Date(text.includes('T') && !/(Z|[+-]\d\d:\d\d)$/.test(text) ? `${text}Z` : text))

const timeRange = (now: Date) =>
  z
    .object({ from: time, to: time })
    .refine(({ from, to }) => from < to, { path: ['to'], message: 'must be after --from' })
    .refine(({ from }) => from < now, { path: ['from'], message: 'must be in the past' })

const credentials = z.object({
  url: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).default('http://localhost:4000/graphql'),
  key: visible('has characters that no key has'),
  tenant: visible('has characters that no tenant id has').optional(),
})

const beginning = z.object({
  'from-line': z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'must be a whole number from 1 on')
    .default('1')
    .transform(Number),
})
