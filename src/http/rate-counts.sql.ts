import type { Session } from '../database/session.ts'

/** Adds what this process counted in a minute (since 1970), and returns what all of them have. */
export const addToRateCounts = (
  session: Session,
  minute: number,
  { names, amounts }: { names: readonly string[]; amounts: readonly number[] },
) =>
  session.query<{ budget: string; spent: number }>('SELECT * FROM add_to_rate_counts($1, $2, $3)', [
    minute,
    names,
    amounts,
  ])
