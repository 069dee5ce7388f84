import pg from 'pg'
import { DATA_VERSION, fill } from './data.ts'

/** A filled database of benchmarks, and SQL as the owner of its tables, whom no policy stops. */
export interface BenchDatabase {
  ownerUrl: string
  size: number
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>
  close(): Promise<void>
}

interface Contents {
  name: string
  /** How many conversations. */
  size: number
  /** Raised when `fill` makes different rows: a database filled before is then filled anew. */
  version: number
  /** Fills the empty database at this URL, which is that of its owner. */
  fill(url: string): Promise<void>
}

/**
 * Opens the database for this size on the server of `adminUrl`, a superuser's; creates and fills it if there is none.
 */
export const openBenchDatabase = (adminUrl: string, size: number): Promise<BenchDatabase> =>
  openFilledDatabase(adminUrl, {
    ...{ name: `parley_bench_${size}`, size, version: DATA_VERSION },
    fill: (url) => fill(url, size),
  })

/** The database stays for the next run; its comment records that it is complete. */
export async function openFilledDatabase(
  adminUrl: string,
  { name, size, version, fill }: Contents,
): Promise<BenchDatabase> {
  const note = `filled for Parley's benchmarks, version ${version}`
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  const admin = new pg.Client({ connectionString: adminUrl })
  await admin.connect()
  const { rows } = await admin.query<{ note: string | null }>(
    `SELECT shobj_description(oid, 'pg_database') AS note FROM pg_database WHERE datname = $1`,
    [name],
  )
  if (rows[0]?.note !== note) {
    await admin.query(`DROP DATABASE IF EXISTS ${name}`)
    await admin.query(`CREATE DATABASE ${name}`)
    await fill(url.href)
    await admin.query(`COMMENT ON DATABASE ${name} IS ${pg.escapeLiteral(note)}`)
  }
  await admin.end()
  const owner = new pg.Pool({ connectionString: url.href, max: 2 })
  return {
    ownerUrl: url.href,
    size,
    sql: async (text, values) => (await owner.query(text, values)).rows,
    close: () => owner.end(),
  }
}
