import { builder } from '../graphql/builder.ts'
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../graphql/connection.ts'
import { EMBED_FOLDER, type EmbedBundle, embedBundle } from '../http/embed/embed-bundle.ts'
import type { Budget } from '../input/limits.ts'
import { BODY_LIMITS, DOCUMENT_LIMITS, LIMITS, type RequestLimits } from '../input/limits.ts'

const RatePolicy = builder.enumType('RatePolicy', {
  description: 'Which requests a rate limit counts together.',
  values: {
    CREDENTIAL: {
      description:
        'Requests of one key for one tenant, or of all tokens that one key created, or one issuer signed, for one subject.',
    },
    KEY: {
      description:
        'Requests of one API key that has a limit of its own, `requestsPerMinute`, for all tenants together.',
    },
    TENANT_TOKENS: { description: 'Requests of all embed and issuer tokens of one tenant.' },
    TENANT: { description: 'Requests of all credentials of one tenant.' },
  } as const,
})

const RateLimit = builder.objectRef<Budget>('RateLimit').implement({
  description: 'A limit on requests per minute of the clock, and how many are left in this minute.',
  fields: (t) => ({
    policy: t.expose('policy', { type: RatePolicy, description: 'Which requests it counts together.' }),
    limit: t.exposeInt('limit', { description: 'Maximum number of requests per minute.' }),
    remaining: t.exposeInt('remaining', { description: 'Requests left in this minute, after this one.' }),
    resetsInSeconds: t.exposeInt('resetsInSeconds', {
      description: 'Seconds until this minute ends and the full limit is available again.',
    }),
  }),
})

const EmbedScript = builder.objectRef<EmbedBundle>('EmbedScript').implement({
  description: "The script of this server's web components.",
  fields: (t) => ({
    version: t.exposeString('version', { description: 'Version of the components, which is that of the server.' }),
    path: t.string({
      description:
        'Path of the script of this version, relative to the GraphQL endpoint, such as `embed/1.0.0.js`. `embed/v1.js` is always the version of this server.',
      // Relative, because a proxy may serve all of this below a path of its own.
      resolve: ({ name }) => `${EMBED_FOLDER.slice(1)}${name}`,
    }),
    integrity: t.exposeString('integrity', {
      description: 'Its hash for the attribute `integrity` of a `<script>`: `sha384-…`.',
    }),
  }),
})

const Limits = builder.objectRef<RequestLimits>('Limits').implement({
  description:
    'Limits of this server. Anything beyond is refused, never truncated: mostly with the code LIMIT_EXCEEDED or QUERY_TOO_COMPLEX, with BAD_USER_INPUT for a page size and RATE_LIMITED for rate limits.',
  fields: (t) => {
    const of = (description: string, limit: number) => t.int({ description, resolve: () => limit })
    return {
      maxAnswerBytes: t.exposeInt('maxAnswerBytes', {
        description: 'Maximum size of a response without its `extensions`, in bytes.',
      }),
      maxBodyBytes: t.exposeInt('maxBodyBytes', {
        description:
          'Maximum size of a request body, in bytes. It is lower for a credential without a scope for mutations.',
      }),
      maxJsonValues: t.exposeInt('maxJsonValues', {
        description:
          'Maximum number of JSON values in a request body: objects, lists, strings, numbers, booleans and nulls.',
      }),
      maxJsonDepth: of(
        'Maximum nesting depth of JSON in a request body. Arguments have a lower limit: 32 levels.',
        BODY_LIMITS.depth,
      ),
      maxDocumentCharacters: of(
        'Maximum length of a GraphQL document, in characters. Send values as variables to keep it short.',
        DOCUMENT_LIMITS.characters,
      ),
      maxDocumentTokens: of('Maximum number of lexical tokens in a GraphQL document.', DOCUMENT_LIMITS.tokens),
      maxDepth: of('Maximum nesting depth of fields in a document.', DOCUMENT_LIMITS.depth),
      maxSelections: of(
        'Maximum number of fields and fragments in a document. What is in a fragment counts each time the fragment is spread.',
        DOCUMENT_LIMITS.selections,
      ),
      maxRootFields: of('Maximum number of root fields in an operation.', DOCUMENT_LIMITS.rootFields),
      maxAliases: of(
        'Maximum number of aliases in an operation. Those in a fragment count each time the fragment is spread.',
        DOCUMENT_LIMITS.aliases,
      ),
      maxDirectives: of(
        'Maximum number of directives in an operation. Those in a fragment count each time the fragment is spread.',
        DOCUMENT_LIMITS.directives,
      ),
      maxOverlaps: of('Maximum number of pairs of fields with the same response name.', DOCUMENT_LIMITS.overlaps),
      maxCost: t.exposeInt('maxQueryCost', {
        description:
          'Maximum cost of an operation: the number of fields that its response can hold. Fields in a list count once for each entry of the requested page, or ten times if the list has no pages. Each condition of a filter adds 250, each list of the conversations of an agent or end user adds 500 for each of them, and each entry of another list in an argument adds one.',
      }),
      defaultPageSize: of('Page size if neither `first` nor `last` is given.', DEFAULT_PAGE_SIZE),
      maxPageSize: of('Maximum page size.', MAX_PAGE_SIZE),
      maxMessagesPerCall: of(
        'Maximum number of transcript entries that can be logged or appended in one call.',
        LIMITS.messagesPerCall,
      ),
      maxConversationsPerCall: of(
        'Maximum number of conversations in one call of `logConversations`.',
        LIMITS.conversationsPerCall,
      ),
      maxMetadataBytes: of(
        'Maximum size of a metadata object, in bytes of UTF-8 JSON. The same limit applies to the input and output of a tool call, the payload of an event, and an analysis.',
        LIMITS.json,
      ),
      maxSeriesPoints: of(
        'Maximum number of points of all series of an operation together: measures × groups × buckets of each, without `previousPoints`.',
        LIMITS.seriesPoints,
      ),
      embed: t.field({
        type: EmbedScript,
        description: 'The web components of this server.',
        resolve: () => embedBundle(),
      }),
      rateLimits: t.field({
        type: [RateLimit],
        description: 'The rate limits that this request counts towards. Disabled ones are left out.',
        resolve: (_limits, _args, context) => [...context.budgets],
      }),
    }
  },
})

builder.queryField('limits', (t) =>
  t.field({
    type: Limits,
    description:
      'Limits of this server, how many requests are left in this minute, and the web components that it serves. Available to every credential.',
    authScopes: { credential: true },
    resolve: (_root, _args, context) => context.limits,
  }),
)
