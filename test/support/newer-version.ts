import { openEmbedded } from '../../src/database/embedded/open.ts'
import type { Settings } from './process.ts'
import { asOwner } from './template.ts'

/** SQL that leaves what a migration of a newer version leaves, except for its changes. Null: it does not say what it needs. */
export const migrationOfNewerVersion = (name: string, oldestCodeVersion: string | null) => `
  INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES (gen_random_uuid(), '', '${name}', now());
  ${oldestCodeVersion === null ? '' : `INSERT INTO migration_compatibility VALUES ('${name}', '${oldestCodeVersion}');`}`

/** As the owner of the tables, while nobody else has the database if that is PGlite. */
export async function runAsOwner(settings: Settings, sql: string): Promise<void> {
  const { DATABASE_OWNER_URL: ownerUrl, DATA_DIR: dataDir } = settings
  if (ownerUrl !== undefined) {
    await asOwner(ownerUrl, (client) => client.query(sql))
    return
  }
  const embedded = await openEmbedded({ dataDir: String(dataDir), connectTimeoutMs: 20_000 })
  await embedded.session.execute(sql).finally(() => embedded.close())
}
