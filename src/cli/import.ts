import { SingleBar } from 'cli-progress'
import { type ImportProgress, importFile } from './import-file.ts'
import { OptionsError, readOptions, USAGE } from './import-options.ts'

/** `npm run import`: logs a Taskmaster-4 file through the GraphQL API, as any client would. */
async function main() {
  const options = readOptions(process.argv.slice(2), process.env, new Date())
  if (options === null) {
    process.stdout.write(USAGE)
    return
  }
  // On standard error, and on a terminal alone, so that the summary can be kept in a file.
  const bar = new SingleBar({ format: 'Conversations {bar} {value}/{total}, {eta_formatted} left', barsize: 30 })
  const interrupt = new AbortController()
  // What is under way is finished and counted; a second Ctrl-C ends at once.
  process.once('SIGINT', () => interrupt.abort())
  const progress: ImportProgress = {
    start: (total) => bar.start(total, 0),
    increment: () => bar.increment(),
    signal: interrupt.signal,
  }
  const summary = await importFile(options, progress).finally(() => bar.stop())
  if (options.endsNow) process.stdout.write('The range ends now: --to is yet to come.\n')
  process.stdout.write(`${summary}\n`)
  process.exitCode = summary.succeeded ? 0 : 1
}

main().catch((error: unknown) => {
  const isUsage = error instanceof OptionsError
  console.error(error instanceof Error ? error.message : error)
  if (isUsage) console.error(`\n${USAGE}`)
  process.exitCode = isUsage ? 2 : 1
})
