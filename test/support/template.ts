import { randomUUID } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { openEmbedded } from '../../src/database/embedded/open.ts'
import { migrate } from '../../src/database/migrate.ts'
import { grantToServingRole, SERVING_ROLE } from '../../src/database/roles.ts'
import { clientSession } from '../../src/database/session.ts'
import { buildEmbed } from '../../src/http/embed/build-embed.ts'
import { writeEmbed } from '../../src/http/embed/embed-files.ts'

declare module 'vitest' {
  interface ProvidedContext {
    databaseKind: 'pglite' | 'postgresql'
    /** The data directory of a migrated PGlite. */
    pgliteTemplate: string
    /** URL of the migrated template database, as its owner, and the role that tests serve under. */
    postgresTemplate: { ownerUrl: string; role: string; password: string } | null
  }
}

/** Migrates one database of each kind; each test file then works on a copy. And builds the components, once for all. */
export default async function setup(project: TestProject) {
  const directory = mkdtempSync(join(tmpdir(), 'parley-test-'))
  const url = process.env['TEST_DATABASE_URL']
  const [pglite, postgres] = await Promise.all([makePGliteTemplate(directory), url ? makePostgresTemplate(url) : null])
  await writeEmbed(await buildEmbed())
  project.provide('pgliteTemplate', pglite)
  project.provide('postgresTemplate', postgres)
  return async () => {
    rmSync(directory, { recursive: true, force: true })
    if (url && postgres) await dropPostgresTemplate(url, postgres)
  }
}

async function makePGliteTemplate(directory: string): Promise<string> {
  const dataDir = join(directory, 'template')
  const { session, close } = await openEmbedded({ dataDir, connectTimeoutMs: 20_000 })
  await migrate(session)
  await grantToServingRole(session, SERVING_ROLE)
  await close()
  return dataDir
}

async function makePostgresTemplate(url: string) {
  const name = `parley_test_${process.pid}`
  const role = `parley_test_${process.pid}`
  const password = 'parley test'
  await asOwner(url, (client) => client.query(`CREATE DATABASE ${name}`))
  const ownerUrl = withDatabase(url, name)
  await asOwner(ownerUrl, async (client) => {
    const session = clientSession(client)
    await migrate(session)
    await grantToServingRole(session, role, password)
  })
  return { ownerUrl, role, password }
}

async function dropPostgresTemplate(url: string, { ownerUrl, role }: { ownerUrl: string; role: string }) {
  const template = new URL(ownerUrl).pathname.slice(1)
  await asOwner(url, async (client) => {
    const { rows } = await client.query('SELECT datname FROM pg_database WHERE datname LIKE $1', [`${template}%`])
    for (const { datname } of rows) await client.query(`DROP DATABASE ${pg.escapeIdentifier(datname)} WITH (FORCE)`)
    await client.query(`DROP ROLE ${role}`)
  })
}

/** A data directory of its own for a migrated PGlite, which goes with the template, after the last test file. */
export function copyPGliteTemplate(template: string): string {
  const copy = `${template}-${randomUUID()}`
  cpSync(template, copy, { recursive: true })
  return copy
}

export function withDatabase(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}

export async function asOwner<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
