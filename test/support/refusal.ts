import type { DatabaseConfig } from '../../src/config.ts'
import { connect } from '../../src/database/connect.ts'

const DEFAULTS = { url: undefined, ownerUrl: undefined, poolSize: 1, dataDir: '', fsync: false }
const TIMEOUTS = { connectTimeoutMs: 20_000, statementTimeoutMs: 15_000 }

/** What a start that opens this database ends with: the message of its refusal, or "it serves". */
export async function outcomeOfStart(
  settings: Partial<DatabaseConfig>,
  onWarning: (message: string) => void = () => {},
): Promise<string> {
  const opened = connect({ ...DEFAULTS, ...TIMEOUTS, ...settings }, { onWarning })
  const served = await opened.catch((error: Error) => error.message)
  if (typeof served === 'string') return served
  await served.close()
  return 'it serves'
}

/** What a start that opens this database says and ends with; it is an error if it would serve. */
export async function refusalOf(settings: Partial<DatabaseConfig>): Promise<string> {
  const outcome = await outcomeOfStart(settings)
  if (outcome === 'it serves') throw new Error('it would have served')
  return outcome
}
