/**
 * Which transactions were visible: those before `xmin`, and those before `xmax` that were not `open`. This is
 * PostgreSQL's pg_snapshot, whose text is `xmin:xmax:open,open,…`. Transaction ids stay far below 2^53.
 */
export interface Snapshot {
  xmin: number
  xmax: number
  open: number[]
}

/**
 * Whether `later` could see everything that `earlier` could. Of two snapshots of one database, one always includes the
 * other.
 */
export const includes = (later: Snapshot, earlier: Snapshot): boolean =>
  earlier.xmax <= later.xmax && later.open.every((id) => id >= earlier.xmax || earlier.open.includes(id))

export const writeSnapshot = ({ xmin, xmax, open }: Snapshot) => `${xmin}:${xmax}:${open.join()}`

/** Throws if the text is not a snapshot. */
export function requireSnapshot(text: string | undefined): Snapshot {
  const snapshot = parseSnapshot(text ?? '')
  if (!snapshot) throw new Error('the database did not return a snapshot')
  return snapshot
}

const SNAPSHOT = /^(\d{1,15}):(\d{1,15}):((?:\d{1,15},)*\d{1,15})?$/

/** Null for a text that no database can have returned. */
export function parseSnapshot(text: string): Snapshot | null {
  const [, xmin, xmax, list] = SNAPSHOT.exec(text) ?? []
  if (xmin === undefined || xmax === undefined) return null
  const open = list ? list.split(',').map(Number) : []
  const rising = [Number(xmin), ...open, Number(xmax)].every((id, i, all) => i === 0 || (all[i - 1] ?? 0) <= id)
  return rising ? { xmin: Number(xmin), xmax: Number(xmax), open } : null
}
