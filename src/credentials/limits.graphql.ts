import { builder } from '../graphql/builder.ts'
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../graphql/connection.ts'
import type { Budget } from '../input/limits.ts'
import { BODY_LIMITS, DOCUMENT_LIMITS, LIMITS, type RequestLimits } from '../input/limits.ts'

const RatePolicy = builder.enumType('RatePolicy', {
  description: 'What requests are counted for.',
  values: {
    CREDENTIAL: { description: 'One key for one tenant, or the tokens that one key or issuer made for one subject.' },
    TENANT_TOKENS: { description: 'All tokens of one tenant together.' },
    TENANT: { description: 'All credentials of one tenant together.' },
  } as const,
})

const RateLimit = builder.objectRef<Budget>('RateLimit').implement({
  description: 'How many requests may be made in a minute, and what is left of this one.',
  fields: (t) => ({
    policy: t.expose('policy', { type: RatePolicy, description: 'What they are counted for.' }),
    limit: t.exposeInt('limit', { description: 'Requests in a minute.' }),
    remaining: t.exposeInt('remaining', { description: 'How many are left, after this request.' }),
    resetsInSeconds: t.exposeInt('resetsInSeconds', { description: 'When all of them are there again.' }),
  }),
})

const Limits = builder.objectRef<RequestLimits>('Limits').implement({
  description:
    'What this server takes. More is refused, never cut off: with the code `QUERY_TOO_COMPLEX` or `LIMIT_EXCEEDED`.',
  fields: (t) => {
    const of = (description: string, limit: number) => t.int({ description, resolve: () => limit })
    return {
      maxAnswerBytes: t.exposeInt('maxAnswerBytes', { description: 'Size of an answer.' }),
      maxBodyBytes: t.exposeInt('maxBodyBytes', {
        description: 'Size of a request body. It is lower for a credential without a scope for mutations.',
      }),
      maxJsonValues: t.exposeInt('maxJsonValues', {
        description: 'JSON values in a request body: objects, lists, texts, numbers, booleans and nulls.',
      }),
      maxJsonDepth: of('Nesting of JSON objects and lists in a request body.', BODY_LIMITS.depth),
      maxDocumentCharacters: of('Length of a document. Values belong into variables.', DOCUMENT_LIMITS.characters),
      maxDocumentTokens: of('Tokens of a document.', DOCUMENT_LIMITS.tokens),
      maxDepth: of('Maximum query depth.', DOCUMENT_LIMITS.depth),
      maxSelections: of(
        'Fields and fragments of a document, each as often as it is spread.',
        DOCUMENT_LIMITS.selections,
      ),
      maxRootFields: of('Fields at the top of an operation.', DOCUMENT_LIMITS.rootFields),
      maxAliases: of('Aliases of an operation, each as often as it is spread.', DOCUMENT_LIMITS.aliases),
      maxDirectives: of('Directives of an operation, each as often as it is spread.', DOCUMENT_LIMITS.directives),
      maxOverlaps: of('Pairs of fields that are answered under one name.', DOCUMENT_LIMITS.overlaps),
      maxCost: t.exposeInt('maxQueryCost', {
        description:
          'Fields that an answer can hold: what is inside a list counts once for each entry of the requested page, and ten times if the list has no pages.',
      }),
      defaultPageSize: of('Entries of a page where `first` and `last` are absent.', DEFAULT_PAGE_SIZE),
      maxPageSize: of('Entries of a page.', MAX_PAGE_SIZE),
      maxMessagesPerCall: of('Messages that are logged or appended in one call.', LIMITS.messagesPerCall),
      maxConversationsPerCall: of('Conversations that `logConversations` takes.', LIMITS.conversationsPerCall),
      maxMetadataBytes: of('Size of a metadata object, as JSON.', LIMITS.json),
      rateLimits: t.field({
        type: [RateLimit],
        description: 'The budgets that this request counted for; those that are switched off are not here.',
        resolve: (_limits, _args, context) => [...context.budgets],
      }),
    }
  },
})

builder.queryField('limits', (t) =>
  t.field({
    type: Limits,
    description: 'What this server takes, and what is left of the credential’s requests. Any credential may ask.',
    authScopes: { credential: true },
    resolve: (_root, _args, context) => context.limits,
  }),
)
