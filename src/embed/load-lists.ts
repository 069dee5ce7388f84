import { messageOf, ParleyRequestError } from '../client/errors.ts'

let loading: Promise<typeof import('./lists.ts')> | null = null

/** Loads the lists once; again if that failed. */
export function loadLists(): Promise<typeof import('./lists.ts')> {
  loading ??= import('./lists.ts').catch((error: unknown) => {
    loading = null
    throw new ParleyRequestError(messageOf(error), 'UNREACHABLE')
  })
  return loading
}
