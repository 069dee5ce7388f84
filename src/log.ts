import { type DestinationStream, type Logger, pino } from 'pino'
import type { Config } from './config.ts'

/** Loaded only for a terminal: nobody reads the log of a service as it is written. */
const pretty = process.stdout.isTTY ? (await import('pino-pretty')).default : null

/** One JSON object per line; on a terminal, human-readable lines. */
export function createLog(level: Config['logLevel'], destination: DestinationStream = standardOutput()): Logger {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // An error's message may quote a value: the database's errors do, after "DETAIL".
      serializers: {
        err: ({ name, stack, code }: Error & { code?: string }) => ({
          name,
          code,
          stack: stack?.replace(/DETAIL:.*/gs, ''),
        }),
      },
    },
    destination,
  )
}

const standardOutput = () =>
  pretty ? pretty({ sync: true, singleLine: true }) : pino.destination({ dest: 1, sync: true })

/** Ends a command that can't do its work: prints only the messages, for the person who ran it, and sets exit code 1. */
export function reportFailure(error: unknown) {
  const said = [error instanceof Error ? error.message : String(error)]
  // A driver may set a cause that is not an Error.
  for (let cause = causeOf(error); cause instanceof Error; cause = causeOf(cause)) {
    const { message } = cause
    if (!said.some((text) => text.includes(message))) said.push(message)
  }
  for (const text of said) console.error(text)
  process.exitCode = 1
}

const causeOf = (error: unknown) => (error instanceof Error ? error.cause : undefined)
