import type { Session } from '../../src/database/session.ts'
import type { Ledger } from './ledger.ts'
import { COUNTERS, type Findings, ROLLUPS, verify } from './verify.ts'

/** A mistake in the data, and under which of the findings it must appear. */
interface Mistake {
  sql: string
  as: keyof Findings
}

const ONE_CONVERSATION = `id = (SELECT conversation_id FROM messages ORDER BY id LIMIT 1)`
const ONE_MESSAGE = `id = (SELECT id FROM messages WHERE metadata ? 'tag' ORDER BY id LIMIT 1)`
const ONE_ROLLUP = `ctid = (SELECT ctid FROM conversation_rollups WHERE conversations > 0 LIMIT 1)`

function mistakes(ledger: Ledger): Mistake[] {
  const counters = Object.keys(COUNTERS).map((name): Mistake => {
    const wrong = name === 'last_message_at' ? `last_message_at + interval '1 second'` : `${name} + 1`
    return { sql: `UPDATE conversations SET ${name} = ${wrong} WHERE ${ONE_CONVERSATION}`, as: 'differences' }
  })
  const rollups = Object.keys(ROLLUPS).map((name): Mistake => {
    return { sql: `UPDATE conversation_rollups SET ${name} = ${name} + 1 WHERE ${ONE_ROLLUP}`, as: 'differences' }
  })
  const [tag] = ledger.acknowledged
  return [
    ...counters,
    ...rollups,
    { sql: `DELETE FROM conversation_rollups WHERE ${ONE_ROLLUP}`, as: 'differences' },
    { sql: `UPDATE messages SET sequence = 4321 WHERE ${ONE_MESSAGE}`, as: 'differences' },
    { sql: `DELETE FROM conversation_changes`, as: 'differences' },
    { sql: `DELETE FROM messages WHERE metadata->>'tag' = '${tag}'`, as: 'lost' },
    { sql: copyOf(ONE_MESSAGE), as: 'twice' },
  ]
}

/** The same message once more, at the end of its conversation. */
const copyOf = (which: string) => `
  INSERT INTO messages SELECT (jsonb_populate_record(m, '{"sequence": 4321, "id": "00000000-0000-4000-8000-000000000000"}')).*
  FROM messages m WHERE ${which}`

/** Plants each mistake in turn, and throws if the check does not see it. */
export async function proveVerify(session: Session, ledger: Ledger): Promise<number> {
  const planted = mistakes(ledger)
  for (const { sql, as } of planted) {
    await session.execute('BEGIN')
    await session.execute(sql)
    const findings = await verify(session, ledger)
    await session.execute('ROLLBACK')
    if (findings[as].length === 0) throw new Error(`the check does not see this mistake: ${sql}`)
  }
  return planted.length
}
