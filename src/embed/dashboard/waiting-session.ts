import type { Session } from '../../client/session.ts'

/** For elements that show where they will be, until it is known what they may ask for: it never answers. */
export const WAITING: Session = {
  url: '',
  ended: new AbortController().signal,
  query: () => new Promise(() => {}),
  subscribe: () => () => {},
  logout() {},
}
