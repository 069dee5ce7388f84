import type { Session } from './session.ts'

/**
 * Starts a new incarnation of the database, as its owner: all resume tokens that were made so far expire. Returns false
 * for a database of a version without incarnations, whose tokens expire with the migration.
 */
export async function replaceIncarnation(owner: Session): Promise<boolean> {
  const [known] = await owner.query(
    `SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass('position_key') AND attname = 'incarnation'`,
  )
  if (known) await owner.execute('UPDATE position_key SET incarnation = gen_random_uuid()')
  return known !== undefined
}
