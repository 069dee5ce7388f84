import type { Limits, RatePolicy } from '../../client/generated/schema-types.ts'

/** The limits that are numbers. */
export type LimitName = {
  [Name in keyof Limits]-?: Limits[Name] extends number ? Name : never
}[keyof Limits]

/** What each limit means, with those that are met most often first. */
export const LIMIT_TEXTS: Readonly<Record<LimitName, string>> = {
  maxBodyBytes: 'Size of a request. Lower for a credential that may only read.',
  maxAnswerBytes: 'Size of a response.',
  maxConversationsPerCall: 'Conversations in one call of logConversations.',
  maxMessagesPerCall: 'Transcript entries that are logged or appended in one call.',
  maxMetadataBytes:
    'Size of a metadata object, of a tool call’s input or output, of an event’s payload, and of an analysis.',
  defaultPageSize: 'Entries on a page of a list, if the query doesn’t say.',
  maxPageSize: 'Entries on a page of a list.',
  maxSeriesPoints: 'Points in all series of a query together.',
  maxCost: 'Cost of a query: about how many fields its response can hold.',
  maxDepth: 'Depth to which the fields of a query are nested.',
  maxSelections: 'Fields and fragments in a query.',
  maxRootFields: 'Fields at the top of a query.',
  maxAliases: 'Aliases in a query.',
  maxDirectives: 'Directives in a query.',
  maxOverlaps: 'Pairs of fields in a query that have the same name in the response.',
  maxDocumentCharacters: 'Characters in a query’s text. Variables don’t count.',
  maxDocumentTokens: 'Words and punctuation marks in a query’s text.',
  maxJsonValues: 'JSON values in a request.',
  maxJsonDepth: 'Depth to which the JSON of a request is nested.',
}

export const LIMIT_NAMES = Object.keys(LIMIT_TEXTS) as LimitName[]

/** Which requests a rate limit counts together. */
export const POLICY_TEXTS: Readonly<Record<RatePolicy, string>> = {
  CREDENTIAL: 'Requests of this key, for each tenant separately',
  KEY: 'Requests of this key, for all tenants together',
  TENANT_TOKENS: 'Requests of all tokens of the tenant',
  TENANT: 'Requests of the whole tenant',
}

const KILOBYTE = 1_024
const MEGABYTE = KILOBYTE * KILOBYTE

/** A limit as text. Sizes are in KB or MB, too. */
export function formatLimit(name: LimitName, value: number): string {
  const exact = value.toLocaleString('en')
  if (!name.endsWith('Bytes')) return exact
  if (value < KILOBYTE) return `${exact} bytes`
  const [size, unit] = value < MEGABYTE ? [value / KILOBYTE, 'KB'] : [value / MEGABYTE, 'MB']
  return `${size.toLocaleString('en', { maximumFractionDigits: 1 })} ${unit} (${exact} bytes)`
}
