/**
 * `parley-client/embed` where there is no page, such as a server that renders one: the same names, so that what imports
 * them works, and no elements. `configure` sends nothing.
 */

import { createSession, type Session } from '../client/session.ts'
import type { Settings } from './settings.ts'

export { createSession } from '../client/session.ts'
export { ENGLISH } from './texts.ts'

export function configure({ locale: _locale, texts: _texts, ...options }: Settings): Session {
  return createSession(options)
}

export class ParleyConversation {}
export class ParleyConversations {}
export class ParleyDashboard {}
export class ParleyMetrics {}
export class ParleySeries {}
