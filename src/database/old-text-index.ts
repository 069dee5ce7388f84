import type { Session } from './session.ts'

/**
 * Drops the index of PostgreSQL's words, which finds messages without words made by Parley, once there are no such
 * messages. Runs as the owner of the tables, to whom their policies apply too. If it would have to wait for others, it
 * is left to a later start.
 */
export const dropOldTextIndex = (owner: Session): Promise<void> =>
  owner.execute(`DO $$
    BEGIN
      IF to_regclass('messages_by_text') IS NULL THEN RETURN; END IF;
      SET LOCAL lock_timeout = '1s';
      ALTER TABLE tenant_jobs NO FORCE ROW LEVEL SECURITY;
      IF NOT EXISTS (SELECT FROM tenant_jobs WHERE name = 'index messages') THEN DROP INDEX messages_by_text; END IF;
      ALTER TABLE tenant_jobs FORCE ROW LEVEL SECURITY;
    EXCEPTION WHEN lock_not_available THEN NULL;
    END $$`)
