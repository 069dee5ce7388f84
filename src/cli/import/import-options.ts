import { parseArgs } from 'node:util'
import { Temporal } from 'temporal-polyfill'
import * as v from 'valibot'
import { holdsSecret, SEEN_BY_OTHERS } from '../secret-arguments.ts'
import type { Format, TimeRange } from './formats/format.ts'
import { FORMATS, formatNames } from './formats/formats.ts'
import type { EntryKind } from './read-entries.ts'

export const USAGE = `Usage: npm run import -- FILE [--format NAME] [--from DATE --to DATE] [--url URL] [--tenant ID] [--from-line N]

Logs the conversations of a file (lines of JSON, or a list in JSON; plain or gzip) through the GraphQL API.
Running it again logs only what is not there yet. Ctrl-C stops it and shows how to continue. What can't be carried
over is counted at the end. The exit code is 1 if anything was refused or malformed.

PARLEY_KEY in the environment holds an API key with the scope CONVERSATIONS_WRITE. It is not accepted as an
argument, which other users of the machine can read.

  --format NAME  default: the format of the first entry
                   ndjson      { "conversation": LogConversationInput }, or the input by itself
                   openai      { "messages": [...] } of chat completions or the Responses API; batches
                   chatgpt     conversations.json of an export: of each tree, the path that was shown last
                   taskmaster  the data set Taskmaster-4
  --from DATE    for conversations that have no times (taskmaster, openai): when the first one starts.
                 ISO 8601 date or date-time, UTC unless it has an offset
  --to DATE      the last message is before this; conversations are spread evenly over [from, to)
  --url URL      the GraphQL endpoint; default http://localhost:4000/graphql
  --tenant ID    the tenant to log into; not needed if the key belongs to one tenant
  --from-line N  begin at this line of the file; conversations get the same times as in a full import
  --from-conversation N
                 the same for a list: begin at its Nth conversation
  --help         this text
`

const OPTIONS = {
  format: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  url: { type: 'string' },
  // Known only so that it can be refused, together with its value.
  key: { type: 'string' },
  tenant: { type: 'string' },
  'from-line': { type: 'string' },
  'from-conversation': { type: 'string' },
  help: { type: 'boolean' },
} as const

export interface ImportOptions {
  file: string
  url: string
  key: string
  tenant?: string | undefined
  /** Null if it is to be detected. */
  format: Format | null
  /** When conversations that have no times take place. */
  range: TimeRange | null
  /** Whether the range ends now because --to is in the future. */
  endsNow: boolean
  /** The entry to begin at, counted from 1; null for the first. */
  start: { kind: EntryKind; number: number } | null
}

/** All options that can't be used, one per line. */
export class OptionsError extends Error {
  constructor(problems: Iterable<readonly [what: string, problem: string]>) {
    super([...problems].map(([what, problem]) => `${what}: ${problem}`).join('\n'))
  }
}

/** Parses what the command was asked to do; null if it was asked for help. */
export function parseOptions(args: string[], env: Record<string, string | undefined>, now: Date): ImportOptions | null {
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
    // If an option has no value, parseArgs takes the next option as its value.
    const swallowed = !token.inlineValue && token.value?.startsWith('-')
    if (token.name === 'key') complain('--key', `is not accepted: ${SEEN_BY_OTHERS}`)
    else if (holdsSecret(token.rawName)) continue
    else if (!Object.hasOwn(OPTIONS, token.name)) complain(token.rawName, 'there is no such option')
    else if (!token.value || swallowed) complain(token.rawName, 'needs a value')
    else given[token.name] = token.value
  }
  if (args.some(holdsSecret)) complain('arguments', `hold a key or a token: ${SEEN_BY_OTHERS}`)
  const [file] = files
  if (files.length !== 1) complain('FILE', file === undefined ? 'is missing' : `must be one file, not ${files.length}`)

  const access = v.safeParse(credentials, { ...given, key: env['PARLEY_KEY'] || undefined })
  const hasTimes = 'from' in given || 'to' in given
  const times = v.safeParse(hasTimes ? timeRange(now) : noRange, given)
  const place = v.safeParse(reading, given)
  for (const { issues = [] } of [access, times, place]) {
    for (const issue of issues) complain(settingOf(v.getDotPath(issue)), issue.message)
  }
  if (!access.success || !times.success || !place.success || file === undefined || problems.size > 0)
    throw new OptionsError(problems)
  const { format, 'from-line': line, 'from-conversation': conversation } = place.output
  return {
    file,
    ...access.output,
    ...times.output,
    format: FORMATS.find(({ name }) => name === format) ?? null,
    start:
      line !== undefined
        ? { kind: 'line', number: line }
        : conversation === undefined
          ? null
          : { kind: 'conversation', number: conversation },
  }
}

const settingOf = (field: string | null) => (field === 'key' ? 'PARLEY_KEY' : `--${field}`)

const given = v.string('is missing')

const visible = (message: string) => v.pipe(given, v.regex(/^[\x21-\x7e]+$/, message))

const TIME = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/

/** A time as people type it; null if it is not one, such as 30 February. */
function parseTime(text: string): Date | null {
  const [, date, time = '00:00', offset = 'Z'] = TIME.exec(text) ?? []
  try {
    return date === undefined ? null : new Date(Temporal.Instant.from(`${date}T${time}${offset}`).epochMilliseconds)
  } catch {
    return null
  }
}

const time = v.pipe(given, v.transform(parseTime), v.date('must be an ISO 8601 date or date-time'))

const timeRange = (now: Date) =>
  v.pipe(
    v.object({ from: time, to: time }, 'is missing'),
    v.forward(
      v.check(({ from, to }) => from < to, 'must be after --from'),
      ['to'],
    ),
    v.forward(
      v.check(({ from }) => from < now, 'must be in the past'),
      ['from'],
    ),
    // The server refuses messages from the future.
    v.transform(({ from, to }) => ({ range: { start: from, end: to < now ? to : now }, endsNow: to > now })),
  )

const noRange = v.pipe(
  v.unknown(),
  v.transform(() => ({ range: null, endsNow: false })),
)

const isHttpUrl = (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)

const credentials = v.object({
  url: v.optional(
    v.pipe(v.string(), v.check(isHttpUrl, 'must be an http or https URL')),
    'http://localhost:4000/graphql',
  ),
  key: visible('has characters that a key can’t have'),
  tenant: v.optional(visible('has characters that a tenant id can’t have')),
})

const entryNumber = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d{0,14}$/, 'must be a whole number, at least 1'),
  v.transform(Number),
)

const reading = v.object({
  format: v.optional(v.picklist(formatNames, `must be one of ${formatNames.join(', ')}`)),
  'from-line': v.optional(entryNumber),
  'from-conversation': v.optional(entryNumber),
})
