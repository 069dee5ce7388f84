import { badInput, type InputPath, notFound } from '../errors.ts'

/** A row, by Parley's id or the caller's own. */
export interface Reference {
  id?: string | null | undefined
  externalId?: string | null | undefined
}

/** What a write names its row by. */
export interface ToRow {
  by: Reference
}

/** The one of the two ids that the caller used. Both and neither are refused. */
export function exactlyOne({ id, externalId }: Reference, path: InputPath): { name: keyof Reference; value: string } {
  if (id != null && externalId != null) throw badInput([...path, 'externalId'], "can't be given together with id.")
  if (id != null) return { name: 'id', value: id }
  if (externalId != null) return { name: 'externalId', value: externalId }
  throw badInput([...path, 'id'], 'either id or externalId must be given.')
}

/** There is no such row: `path` is that of the reference. */
export const referenceNotFound = (what: string, { id }: Reference, path: InputPath) =>
  notFound(what, [...path, id == null ? 'externalId' : 'id'])
