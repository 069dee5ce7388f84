import type { DatabaseConfig } from '../../src/config.ts'
import { connect } from '../../src/database/connect.ts'

const DEFAULTS = { url: undefined, ownerUrl: undefined, poolSize: 1, dataDir: '' }
const TIMEOUTS = { connectTimeoutMs: 20_000, statementTimeoutMs: 15_000 }

/** What a start that opens this database says and ends with; it is an error where it would serve. */
export async function refusalOf(settings: Partial<DatabaseConfig>): Promise<string> {
  const opening = connect({ ...DEFAULTS, ...TIMEOUTS, ...settings })
  const served = await opening.catch((error: Error) => error.message)
  if (typeof served === 'string') return served
  await served.close()
  throw new Error('it would have served')
}
