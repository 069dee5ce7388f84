import { MEASURE_TEXTS } from './charts/measure-texts.ts'
import { SERIES_TEXTS } from './charts/series-texts.ts'
import { CONVERSATION_TEXTS } from './conversation-texts.ts'
import { DASHBOARD_TEXTS } from './dashboard/dashboard-texts.ts'
import type { LIST_TEXTS } from './lists/list-texts.ts'

export type Texts = typeof ENTRY_TEXTS & typeof LIST_TEXTS

const ENTRY_TEXTS = {
  retry: 'Try again',
  empty: 'Nothing in this period yet.',
  unauthorized: 'You don’t have access to this.',
  error: 'This couldn’t be loaded.',
  errorCode: 'Code: {code}',
  errorUnreachable: 'The server can’t be reached.',
  errorOrigin: 'The origin {origin} is not allowed. Add it to CORS_ORIGINS or to the tenant’s allowedOrigins.',
  loading: 'Loading…',
  ...SERIES_TEXTS,
  ...CONVERSATION_TEXTS,
  ...MEASURE_TEXTS,
  ...DASHBOARD_TEXTS,
}

/** Every text of the components, in English. Names in braces are replaced. */
// Those of the lists are added by the lists, before they show anything.
export const ENGLISH = ENTRY_TEXTS as Texts

/** Gives a text, with what its names stand for. */
export type Text = (name: keyof Texts, values?: Record<string, string | number>) => string

/** The text with what its names stand for. */
export const fill = (text: string, values: Record<string, string | number>): string =>
  text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
