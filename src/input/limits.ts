/** Limits of one call. Anything beyond is refused, never truncated. Lengths: characters; sizes: bytes of UTF-8 JSON. */
export const LIMITS = {
  /** Ids, names and other single-line texts, which must fit in an index row. */
  name: 256,
  /** Descriptions, feedback. */
  text: 10_000,
  /** Message contents, system prompts, thoughts: what a full-text index entry can hold. */
  content: 262_144,
  json: 102_400,
  /** A metadata key with its parent keys, as a JSON pointer. */
  metadataPath: 1_000,
  messagesPerCall: 5_000,
  conversationsPerCall: 500,
  seriesPoints: 10_000,
  agentsPerConversation: 50,
  /** Agents, or end users, that a token is restricted to. */
  restrictionValues: 50,
  /** The maximum of the sum's column. */
  tokensOfConversation: 2_147_483_647,
  /** US dollars. */
  costOfConversation: 999_999_999,
  labels: 50,
  attachments: 20,
  allowedOrigins: 20,
  allowedNetworks: 20,
  requestsPerMinuteOfKey: 1_000_000,
  redactionPatterns: 20,
  redactionPattern: 512,
  redactionReplacement: 64,
  documentsPerCall: 100,
  /** Registered documents of a tenant, or of the account. */
  documents: 1_000,
  deletedMetadataKeys: 1_000,
  /** Entries of one list in the arguments of a read. */
  filterValues: 500,
  /** In all filters of an operation together. */
  filterConditions: 100,
  /** Bytes of the objects and lists in a filter. */
  filterJson: 8_192,
  metadataPathKeys: 32,
  searchTerms: 32,
} as const

/** Limits of one GraphQL document. Fragments are counted each time they are spread. */
export const DOCUMENT_LIMITS = {
  characters: 65_536,
  tokens: 2_000,
  /** GraphiQL's introspection query is 15 deep. */
  depth: 16,
  /** All fields and fragments. */
  selections: 5_000,
  rootFields: 50,
  aliases: 100,
  directives: 50,
  /** Pairs of fields with the same response name. */
  overlaps: 1_000,
} as const

const MIB = 1_048_576

/** Bytes of answers that clients have not read yet, on one process. */
export const MAX_UNREAD_BYTES: HeldLimits = { credential: 32 * MIB, tenant: 64 * MIB, process: 256 * MIB }

/** How many times the size of an answer may be read for it: some of what is read only serves to make the answer. */
const READ_PER_ANSWER = 4

export const maxReadBytes = ({ maxAnswerBytes }: Pick<RequestLimits, 'maxAnswerBytes'>) =>
  maxAnswerBytes * READ_PER_ANSWER

/**
 * If a document or its variables are wrong in many places, only the first errors are returned, and in production only
 * one.
 */
export const MAX_REQUEST_ERRORS = 5

/** Limits on the body of a request. */
export const BODY_LIMITS = {
  /** Credentials without a scope that mutations need send only documents and their variables. */
  readOnlyBytes: 131_072,
  readOnlyValues: 10_000,
  values: 250_000,
  /**
   * More than any input accepts, and far less than would overflow the call stack of code that reads values recursively.
   */
  depth: 64,
} as const

/** Bytes of bodies that one process has received and not parsed yet. */
export const BODIES_IN_FLIGHT = {
  process: 67_108_864,
  /** Bytes beyond the size of an ordinary body. The rest is left to ordinary bodies, whatever is uploaded. */
  large: 50_331_648,
  /** One tenant's share of that. */
  largeOfTenant: 33_554_432,
  /** For read-only credentials: one tenant's tokens or its keys; and either kind for all tenants together. */
  readers: 4_194_304,
  allReaders: 6_291_456,
  anonymous: 4_194_304,
} as const

/** The limits of one request, which depend on the deployment and on who sends it. */
export interface RequestLimits {
  maxBodyBytes: number
  maxJsonValues: number
  maxQueryCost: number
  maxAnswerBytes: number
}

/** What an operation costs, and how much more it might cost before it is refused. Answers have it in `extensions`. */
export interface OperationCost {
  requested: number
  remaining: number
}

/** How many requests may be sent in a minute, and how many of them are left. */
export interface Budget {
  policy: RatePolicy
  limit: number
  remaining: number
  resetsInSeconds: number
}

export type RatePolicy = 'CREDENTIAL' | 'KEY' | 'TENANT_TOKENS' | 'TENANT'

/** How much may be held at a time. */
export interface HeldLimits {
  credential: number
  tenant: number
  /** By all tenants together. */
  process: number
}
