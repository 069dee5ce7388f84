import { afterAll, describe, expect, inject, test } from 'vitest'
import { makeFirstKey } from '../../src/credentials/bootstrap-keys.ts'
import { connect, type Database } from '../../src/database/connect.ts'
import { fitting, log } from '../conversations/conversations.ts'
import { newPostgres, roleUrl, useProcesses } from '../support/process.ts'
import { serveTestDatabase } from '../support/server.ts'
import { asOwner } from '../support/template.ts'
import { CORPUS } from './corpus.ts'

useProcesses()

const opened: Database[] = []
afterAll(() => Promise.all(opened.map((database) => database.close())))

/** A server on a new database of this locale. */
async function serveIn(locale: string) {
  const ownerUrl = await newPostgres({ attributes: `TEMPLATE template0 ENCODING 'UTF8' LOCALE '${locale}'` })
  const database = await connect({
    ...{ url: roleUrl(ownerUrl), ownerUrl, poolSize: 5, dataDir: '', fsync: false },
    ...{ statementTimeoutMs: 15_000, connectTimeoutMs: 20_000 },
  })
  opened.push(database)
  const adminKey = (await makeFirstKey(database, undefined)) ?? ''
  const owner = (sql: string) => asOwner(ownerUrl, async (client) => (await client.query(sql)).rows)
  return serveTestDatabase({ database, owner, statements: () => [] }, adminKey)
}

describe.skipIf(inject('databaseKind') === 'pglite')('whatever the locale of the database', () => {
  test.each(['C', 'C.UTF-8'])('%s: the same is found', async (locale) => {
    const server = await serveIn(locale)
    for (const [script, cases] of Object.entries(CORPUS)) {
      const { ask } = await server.newTenant()
      for (const [i, { text }] of cases.entries()) {
        await log(ask, { externalId: String(i), messages: [{ chat: { role: 'USER', content: text } }] })
      }
      for (const [i, { finds, misses }] of cases.entries()) {
        expect(await fitting(ask, { and: finds.map((search) => ({ search })) }), script).toContain(String(i))
        expect(await fitting(ask, { or: misses.map((search) => ({ search })) }), script).not.toContain(String(i))
      }
    }
  })
})
