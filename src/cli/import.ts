import { importFile } from './import/import-file.ts'
import { type ImportOptions, OptionsError, parseOptions, USAGE } from './import/import-options.ts'
import { createProgress } from './import/import-progress.ts'
import type { ImportSummary } from './import/import-summary.ts'

/** `npm run import`: logs the conversations of a file through the GraphQL API, as any client would. */
async function main() {
  const options = parseOptions(process.argv.slice(2), process.env, new Date())
  if (options === null) {
    process.stdout.write(USAGE)
    return
  }
  // On standard error, so that the summary can be kept in a file.
  const progress = createProgress(process.stderr)
  const interrupt = new AbortController()
  const stop = () => {
    progress.say('stopping: calls in progress are finished')
    interrupt.abort()
  }
  // Only once: a second signal ends the process at once.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  const summary = await importFile(options, progress, interrupt.signal).finally(() => progress.stop())
  if (options.endsNow) process.stdout.write('The range ends now, because --to is in the future.\n')
  process.stdout.write(`${summary}\n`)
  if (summary.stopped !== null) process.stdout.write(howToGoOn(summary, options))
  process.exitCode = summary.succeeded ? 0 : 1
}

function howToGoOn({ entryKind, next }: ImportSummary, { endsNow, range }: ImportOptions): string {
  // Otherwise the times of the remaining conversations would be spread over a longer range.
  const to = range && endsNow ? ` --to ${range.end.toISOString()}` : ''
  return `To continue, run the same command with --from-${entryKind} ${next}${to} at its end. Without it, conversations that are already there are found and left as they are.\n`
}

main().catch((error: unknown) => {
  const isUsage = error instanceof OptionsError
  console.error(error instanceof Error ? error.message : error)
  if (isUsage) console.error(`\n${USAGE}`)
  process.exitCode = isUsage ? 2 : 1
})
