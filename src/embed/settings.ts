import { createSession, type Session, type SessionOptions } from '../client/session.ts'
import type { Texts } from './texts.ts'

export interface Settings extends SessionOptions {
  /** BCP 47 language tag for numbers and dates. Default: the `lang` of the element, or the browser's. */
  locale?: string
  /** Texts that replace the English ones. */
  texts?: Partial<Texts>
}

/** What an element uses unless it has its own. */
export interface PageDefaults {
  session: Session
  locale: string | undefined
  texts: Partial<Texts>
}

/** A page may load the components twice, such as from the server and from the package: it is configured once. */
const KEY = Symbol.for('parley.embed.defaults')

class Defaults extends EventTarget {
  current: PageDefaults | null = null
}

const page = globalThis as { [KEY]?: Defaults }
page[KEY] ??= new Defaults()
const defaults = page[KEY]

/**
 * Says where Parley is and how the page gets its tokens, for all elements that have no session of their own. They may be
 * on the page already. If it is called again, the earlier session ends. Returns the session, whose `logout` a page calls
 * when somebody signs out.
 */
export function configure({ locale, texts = {}, ...options }: Settings): Session {
  const session = createSession(options)
  const before = defaults.current
  defaults.current = { session, locale, texts }
  defaults.dispatchEvent(new Event('change'))
  before?.session.logout()
  return session
}

export const pageDefaults = (): PageDefaults | null => defaults.current

/** Calls the listener when `configure` is called. Returns a function that ends that. */
export function onConfigured(listener: () => void): () => void {
  defaults.addEventListener('change', listener)
  return () => defaults.removeEventListener('change', listener)
}
