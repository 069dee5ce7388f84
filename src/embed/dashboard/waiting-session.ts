import type { Session } from '../../client/session.ts'

/**
 * For elements that show where they will be, until it is known what they may ask for: it never answers. One for each
 * dashboard: what waits for its answer stays in memory as long as it does.
 */
export const waitingSession = (): Session => ({
  url: '',
  ended: new AbortController().signal,
  query: () => new Promise(() => {}),
  subscribe: () => () => {},
  keepTo() {},
  logout() {},
})
