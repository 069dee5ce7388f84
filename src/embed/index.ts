/** The entry of the components: `/embed/v1.js`, and `parley-client/embed`. Importing it defines the elements. */

export { createSession, type Session, type SessionOptions } from '../client/session.ts'
export { ParleyConversation } from './parley-conversation.ts'
export { ParleyConversations } from './parley-conversations.ts'
export { ParleyDashboard } from './parley-dashboard.ts'
export { ParleyMetrics } from './parley-metrics.ts'
export { ParleySeries } from './parley-series.ts'
export { configure, type Settings } from './settings.ts'
export { ENGLISH, type Texts } from './texts.ts'
