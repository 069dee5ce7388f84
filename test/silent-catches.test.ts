import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const SOURCE = join(import.meta.dirname, '../src')

/** Code that handles an error without looking at it, and throws no other. */
const SILENT_CATCH = [
  /catch \{(?!\s*throw)/g,
  /\.catch\(\(\) =>/g,
  /\.on(?:ce)?\('error', \(\) =>/g,
  /\.then\(\s*\(\w*\) => [\w.(){} ]*,\s*\(\) =>/g,
]

/** Why nothing is lost: a reason for each that a file has. What nobody waits for is reported: `database.backgroundFailure`. */
const REASONS: Record<string, string[]> = {
  'auth/issuer-token.ts': ['text that is no token names no issuer'],
  'cli/import/graphql-client.ts': ['a wait rejects when it is aborted'],
  'cli/import/import-options.ts': ['text that is no time is refused with its option'],
  'cli/import/formats/taskmaster.ts': ['text that is no JSON is kept as it is, and counted'],
  'client/convert/values.ts': ['text that is no JSON is kept as text'],
  'database/embedded/copy-requests.ts': ['who asked has left, and needs no answer'],
  'database/embedded/engine.ts': [
    'what could not be opened need not be closed',
    'all who wait for the attempt await the same promise, and its failure is reported',
  ],
  'database/embedded/reopening-pause.ts': ['a pause ends when the database is closed'],
  'database/migrate.ts': [
    'the lock is gone with the connection, and the first error is thrown',
    'the first error is thrown',
  ],
  'database/replanning.ts': ['what follows on the same connection fails as well'],
  'database/sql-transactions.ts': [
    'awaited by hasBegun()',
    'the connection is closed, and the first error is thrown',
    'what was read is whole, and the connection is closed',
  ],
  'database/notifications.ts': [
    'a payload that is not ours wakes everybody',
    'a connection that can’t be closed in order is gone already',
    'the error that made it close was reported',
  ],
  'embed/dashboard/period.ts': ['a range that can’t be is refused when something is loaded'],
  'input/check-input.ts': ['text that is no language tag is refused with its path'],
  'input/ids.ts': ['text that is no id names no row'],
  'credentials/check-issuer-keys.ts': ['a key that no algorithm can use is refused with its path'],
  'client/errors.ts': ['what has no text is reported without it'],
  'client/parley.ts': ['the host’s own handler must not bring it down', 'nor if it is an async function'],
  'client/stream.ts': ['an answer that can’t be read is reported by its status'],
  'client/token-source.ts': ['shown once the old token has expired', 'the old token is still accepted'],
  'client/transport.ts': ['text that is no JSON is no answer, and is reported as such'],
  'embed/lists/conversation-list.ts': ['the list says what is wrong'],
  'embed/lists/conversation-pages.ts': ['whoever asked for it gets the error'],
  'embed/lists/transcript.ts': ['whoever asked for it gets the error'],
  'embed/lazy-element.ts': ['the code is loaded again with the data, which reports it'],
  'console/issuers/decode-token.ts': [
    'what was pasted is not JSON, which is shown',
    'what was pasted is not base64url, which is shown',
    'what was pasted is not text, which is shown',
  ],
  'console/issuers/parse-keys.ts': ['what was pasted is not JSON, which is shown'],
  'console/limits/check-health.ts': ['a server that can’t be reached is shown as one'],
  'console/routes.ts': ['an address that somebody has changed by hand names no id'],
  'conversations/log-conversations.ts': ['awaited with the other inserts'],
  'messages/redaction/json-text.ts': ['text that is no JSON is redacted as other text'],
  'graphql/promises.ts': ['the query is answered by graphql-js instead, which rejects as well'],
  'live/resume-token.ts': ['text that was not encrypted here is refused'],
  'graphql/connection.ts': ['text that is no cursor is refused'],
  'embed/charts/group-names.ts': ['text that is no language tag is shown as it is'],
  'embed/parley-element.ts': [
    'an attribute that is no JSON is refused when something is loaded',
    'what is no language is not used',
  ],
  'embed/charts/series-request.ts': [
    'keys that are no JSON are refused with their attribute',
    'a range that is none is refused with its attribute',
  ],
  'execution/unknown-outcome.ts': ['a failed retry leaves the outcome unknown, which is the error that is thrown'],
  'http/graphiql/start.js': [
    'text in the browser’s storage that is not JSON holds no headers',
    'no tab is stored before the first visit, and GraphiQL then opens one',
  ],
  'http/refused-token-log.ts': [
    'text that is no token is logged without names',
    'a token without a readable header is logged without its key id',
  ],
  'jobs/background-job.ts': ['a wait rejects when the process stops'],
  'main.ts': ['a write that needs what could not be loaded is answered with the error'],
  'process/shutdown.ts': [
    'a wait rejects when it is aborted',
    'the log itself may be what failed, and the process must end',
  ],
  'process/workers.ts': ['a wait rejects when it is aborted'],
}

test('no error is swallowed, but for those that lose nothing', () => {
  const found = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[jt]s$/.test(file) && !file.includes('generated'))
    .map((file) => {
      const text = readFileSync(join(SOURCE, file), 'utf8')
      return [file, SILENT_CATCH.flatMap((pattern) => [...text.matchAll(pattern)]).length] as const
    })
    .filter(([, count]) => count > 0)
  const expected = Object.entries(REASONS).map(([file, reasons]) => [file, reasons.length])
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected))
})
