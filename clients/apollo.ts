// Made from the schema by `npm run schema`. How to use it: clients/README.md.

import type { FieldPolicy, KeyArgsFunction, Reference, StoreObject, TypePolicies, TypePolicy } from '@apollo/client/cache'
import { canonicalStringify } from '@apollo/client/utilities'

type Selected = NonNullable<Parameters<KeyArgsFunction>[1]['field']>['selectionSet']

/** Which of `edges` and `nodes` are selected. A named fragment can't be looked into: it counts as a form of its own. */
const formsOf = (selected: Selected): string[] =>
  (selected?.selections ?? []).flatMap((selection) => {
    if (!('name' in selection)) return formsOf(selection.selectionSet)
    const name = selection.name.value
    if (selection.kind === 'FragmentSpread') return [`...${name}`]
    return name === 'edges' || name === 'nodes' ? [name] : []
  })

/** What is cached of a list. */
interface List {
  edges?: StoreObject[]
  nodes?: StoreObject[]
  /** Of the entries, null if unknown. */
  cursors: (string | null)[]
  /** Not called `pageInfo`, because Apollo would merge a page's into it. */
  ends?: { [name: string]: unknown }
  /** Whether its first page was fetched without a cursor. */
  isWhole: boolean
  hasMore: boolean
  [other: string]: unknown
}
type Cached = List | null | undefined

/**
 * A list that grows: forward by `after`, or backward by `before` if it is read by `last`. It belongs to its other arguments, and to
 * the form that is selected, because one view's `edges` and another's `nodes` don't grow together.
 */
const pages: FieldPolicy = {
  keyArgs(args, { field }) {
    const { first, last, after, before, ...others } = args ?? {}
    const bound = last == null ? { before: before ?? undefined } : { after: after ?? undefined, last: true }
    const forms = [...new Set(formsOf(field?.selectionSet))].sort().join()
    return `${forms}:${canonicalStringify({ ...others, ...bound })}`
  },
  read(list: Cached, { args, canRead, readField }) {
    if (!list) return list
    const { edges, nodes, cursors, ends, isWhole, hasMore, ...others } = list
    const { first, last, after, before } = args ?? {}
    const isShort = (edges ?? nodes) && hasMore && cursors.length < (first ?? last ?? 20)
    // Undefined is fetched.
    if (!(last == null ? after : before) && (!isWhole || isShort)) return undefined
    // Deleted objects are left out.
    const isThere = (node?: Reference | StoreObject) => !node || canRead(node)
    return {
      ...others,
      ...(edges && { edges: edges.filter((edge) => isThere(readField<Reference>('node', edge))) }),
      ...(nodes && { nodes: nodes.filter(isThere) }),
      ...(ends && { pageInfo: ends }),
    }
  },
  merge(existing: Cached, incoming, { args, readField }) {
    // A list that was refused is null, and not an empty list.
    if (!incoming) return existing ?? null
    const { first, last, after, before } = args ?? {}
    const isBackward = last != null
    const cursor = isBackward ? before : after
    const { nodes, pageInfo, ...others } = incoming
    const idOf = (edge: StoreObject) => readField<Reference>('node', edge)?.__ref
    const known = new Map(existing?.edges?.map((edge) => [idOf(edge), edge]))
    // Edges have no ids: what other queries selected of them is kept by the ids of their nodes.
    const edges = incoming.edges?.map((edge: StoreObject) => ({ ...(idOf(edge) && known.get(idOf(edge))), ...edge }))
    const cursors = (edges ?? nodes ?? []).map((_: unknown, at: number) => edges?.[at].cursor ?? null)
    if (cursors.length > 0) {
      cursors[0] = pageInfo?.startCursor ?? cursors[0]
      cursors[cursors.length - 1] = pageInfo?.endCursor ?? cursors.at(-1)
    }
    const more = isBackward ? pageInfo?.hasPreviousPage : pageInfo?.hasNextPage
    const hasMore = more ?? cursors.length >= (first ?? last ?? 20)
    const page = { ...existing, ...others, edges, nodes, cursors, ends: pageInfo, hasMore, isWhole: !cursor }
    if (!cursor || !existing) return page
    // Replaces what follows its cursor, so that a page can come twice.
    const at = existing.cursors.indexOf(cursor)
    const join = <T>(old: readonly T[] = [], added: readonly T[] = []) =>
      isBackward ? [...added, ...old.slice(Math.max(at, 0))] : [...old.slice(0, at < 0 ? old.length : at + 1), ...added]
    const { startCursor, hasPreviousPage, endCursor, hasNextPage } = existing.ends ?? {}
    // A page without entries ends where it began.
    const end = (of?: string | null) => (of === null ? cursor : of)
    const ends = isBackward
      ? { ...pageInfo, startCursor: end(pageInfo?.startCursor), endCursor, hasNextPage }
      : { ...pageInfo, endCursor: end(pageInfo?.endCursor), startCursor, hasPreviousPage }
    return {
      ...page,
      edges: edges && join(existing.edges, edges),
      nodes: nodes && join(existing.nodes, nodes),
      cursors: join(existing.cursors, cursors),
      ends: pageInfo && ends,
      isWhole: existing.isWhole,
    }
  },
}

/** Has no id: it belongs to the object that it is in. */
const embedded: TypePolicy = { keyFields: false, merge: true }

/** For `new InMemoryCache({ possibleTypes, typePolicies })`. */
export const typePolicies: TypePolicies = {
  Agent: {
    fields: {
      conversations: pages,
    },
  },
  Conversation: {
    fields: {
      messages: pages,
      searchMatches: pages,
    },
  },
  EndUser: {
    fields: {
      conversations: pages,
    },
  },
  Query: {
    fields: {
      tenants: pages,
      apiKeys: pages,
      tokenIssuers: pages,
      trustedDocuments: pages,
      auditEvents: pages,
      agents: pages,
      conversations: pages,
      endUsers: pages,
    },
  },
  PageInfo: embedded,
  RedactionPattern: embedded,
  Enrichment: embedded,
  TenantEdge: embedded,
  TenantConnection: embedded,
  CreateTenantPayload: embedded,
  UpdateTenantPayload: embedded,
  ApiKeyEdge: embedded,
  ApiKeyConnection: embedded,
  GenerateApiKeyPayload: embedded,
  RegenerateApiKeyPayload: embedded,
  UpdateApiKeyPayload: embedded,
  RevokeApiKeyPayload: embedded,
  Viewer: embedded,
  RateLimit: embedded,
  EmbedScript: embedded,
  Limits: embedded,
  CreateEmbedTokenPayload: embedded,
  RevokeEmbedTokensPayload: embedded,
  RotateSigningKeyPayload: embedded,
  TokenIssuerEdge: embedded,
  TokenIssuerConnection: embedded,
  RegisterTokenIssuerPayload: embedded,
  UpdateTokenIssuerPayload: embedded,
  DeleteTokenIssuerPayload: embedded,
  TestTokenPayload: embedded,
  TrustedDocument: embedded,
  TrustedDocumentEdge: embedded,
  TrustedDocumentConnection: embedded,
  RegisterDocumentsPayload: embedded,
  DeleteDocumentsPayload: embedded,
  AuditActor: embedded,
  AuditEventEdge: embedded,
  AuditEventConnection: embedded,
  AgentEdge: embedded,
  AgentConnection: embedded,
  UpsertAgentPayload: embedded,
  Redactions: embedded,
  Recording: embedded,
  Analysis: embedded,
  MessageEdge: embedded,
  MessageConnection: embedded,
  ConversationEdge: embedded,
  ConversationConnection: embedded,
  Intent: embedded,
  Reply: embedded,
  Attachment: embedded,
  TextHighlight: embedded,
  SearchMatch: embedded,
  SearchMatchEdge: embedded,
  SearchMatchConnection: embedded,
  MessagesAppended: embedded,
  ConversationChange: embedded,
  ConversationsChanged: embedded,
  LlmStats: embedded,
  LogConversationPayload: embedded,
  AppendMessagesPayload: embedded,
  UpdateMessagesPayload: embedded,
  CompleteConversationPayload: embedded,
  UpdateConversationPayload: embedded,
  ReopenConversationPayload: embedded,
  DeleteConversationPayload: embedded,
  LogError: embedded,
  LogConversationsResult: embedded,
  LogConversationsPayload: embedded,
  MetadataValue: embedded,
  MetadataKey: embedded,
  TriggeredIntent: embedded,
  TriggeredReply: embedded,
  VoiceTimings: embedded,
  AgentTotals: embedded,
  ConversationMetrics: embedded,
  ConversationMetricsComparison: embedded,
  EndUserEdge: embedded,
  EndUserConnection: embedded,
  IntentMetrics: embedded,
  LanguageMetrics: embedded,
  RetentionWeek: embedded,
  RetentionCohort: embedded,
  FacetValue: embedded,
  ConversationFacet: embedded,
  ToolMetrics: embedded,
  SeriesPoint: embedded,
  SeriesGroup: embedded,
  SeriesLine: embedded,
  ConversationSeries: embedded,
  AvailableSeries: embedded,
  CreateAgentPayload: embedded,
  UpdateAgentPayload: embedded,
  ArchiveAgentPayload: embedded,
}
