import type { Session } from '../database/session.ts'

/** Adds this process's counts of a minute (numbered since 1970), and returns the sums of all processes. */
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
