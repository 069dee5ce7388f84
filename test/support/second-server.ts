import { afterAll } from 'vitest'
import { connect } from '../../src/database/connect.ts'
import { serveTestDatabase, type TestServer } from './server.ts'

/** A server on the same PostgreSQL with connections of its own, as another process has them. It closes by itself. */
export async function secondServer(one: TestServer): Promise<TestServer> {
  if (one.url === undefined) return one
  const { statementTimeoutMs, connectTimeoutMs } = one.database
  const database = await connect({
    ...{
      url: one.url,
      ownerUrl: undefined,
      dataDir: '',
      fsync: false,
      poolSize: 10,
      statementTimeoutMs,
      connectTimeoutMs,
    },
  })
  const two = serveTestDatabase({ ...one, database }, one.adminKey)
  afterAll(async () => {
    await two.changes.close()
    await database.close()
  })
  return two
}
