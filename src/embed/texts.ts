import { MEASURE_TEXTS } from './charts/measure-texts.ts'
import { SERIES_TEXTS } from './charts/series-texts.ts'
import { CONVERSATION_TEXTS } from './conversation-texts.ts'
import { DASHBOARD_TEXTS } from './dashboard/dashboard-texts.ts'

/** Every text of the components, in English. Names in braces are replaced. */
export const ENGLISH = {
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

export type Texts = typeof ENGLISH

/** Gives a text, with what its names stand for. */
export type Text = (name: keyof Texts, values?: Record<string, string | number>) => string

/** The text with what its names stand for. */
export const fill = (text: string, values: Record<string, string | number>): string =>
  text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
