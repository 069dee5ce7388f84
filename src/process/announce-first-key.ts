import type { Logger } from 'pino'

/** Shows the first key, this once, and a first call that can be pasted into a shell. */
export function announceFirstKey({
  secret,
  url,
  consoleUrl,
  brought,
  log,
}: {
  secret: string
  url: string
  /** Null if the console is not served. */
  consoleUrl: string | null
  brought: boolean
  log: Logger
}) {
  const call = firstCall(brought ? '$ADMIN_KEY' : secret, url)
  if (!process.stdout.isTTY) {
    // Logged at any log level: a key that is not shown now is lost.
    log
      .child({}, { level: 'info' })
      .info({ ...(brought ? {} : { adminKey: secret }), firstCall: call }, 'the first ADMIN key; it is not shown again')
    return
  }
  const key = brought
    ? 'The first ADMIN key is the one in ADMIN_KEY.'
    : `The first ADMIN key, not shown again:\n\n  ${secret}`
  const signIn = consoleUrl === null ? '' : `Sign in with it at ${consoleUrl}\n\n`
  process.stdout.write(`\n${key}\n\n${signIn}Create a tenant:\n\n${call}\n\n`)
}

/** The key comes from standard input: other users of the machine can read the arguments of a command. */
export function firstCall(secret: string, url: string): string {
  const document =
    'mutation { createTenant(input: { id: "acme", name: "Acme", timeZone: "Europe/Berlin" }) { tenant { id timeZone } } }'
  const command = `curl ${url} -H 'Content-Type: application/json' -d '${JSON.stringify({ query: document })}' -K -`
  return `${command} <<END\n-H "Authorization: Bearer ${secret}"\nEND`
}
