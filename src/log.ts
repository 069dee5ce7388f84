import { type DestinationStream, type Logger, pino } from 'pino'
import type { Config } from './config.ts'

/** Loaded for people alone: nobody looks at the log of a service. */
const pretty = process.stdout.isTTY ? (await import('pino-pretty')).default : null

/** One JSON object a line; on a terminal, lines for people. */
export function createLog(level: Config['logLevel'], destination: DestinationStream = standardOutput()): Logger {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // An error's own text may quote a value: the database's do, behind "DETAIL".
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

/** How a command ends that can't do its work: messages alone, for the person who started it, and exit code 1. */
export function reportFailure(error: unknown) {
  const said = [error instanceof Error ? error.message : String(error)]
  // What a driver gives as a cause can be an object of its own.
  for (let cause = causeOf(error); cause instanceof Error; cause = causeOf(cause)) {
    const { message } = cause
    if (!said.some((text) => text.includes(message))) said.push(message)
  }
  for (const text of said) console.error(text)
  process.exitCode = 1
}

const causeOf = (error: unknown) => (error instanceof Error ? error.cause : undefined)
