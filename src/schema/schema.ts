import {
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  printType,
} from 'graphql'
import { builder } from '../graphql/builder.ts'
import '../graphql/scalars.ts'
import '../tenants/tenant.graphql.ts'
import '../credentials/api-key.graphql.ts'
import '../credentials/api-key-mutations.graphql.ts'
import '../credentials/viewer.graphql.ts'
import '../credentials/limits.graphql.ts'
import '../credentials/embed-token.graphql.ts'
import '../credentials/live-tokens.graphql.ts'
import '../credentials/token-issuer.graphql.ts'
import '../credentials/token-test.graphql.ts'
import '../documents/trusted-document.graphql.ts'
import '../audit/audit.graphql.ts'
import '../agents/agent.graphql.ts'
import '../agents/agent-mutations.graphql.ts'
import '../conversations/conversation.graphql.ts'
import '../conversations/conversation-queries.graphql.ts'
import '../conversations/conversation-edges.graphql.ts'
import '../conversations/search-matches.graphql.ts'
import '../live/conversation-subscriptions.graphql.ts'
import '../live/change-subscription.graphql.ts'
import '../conversations/conversation-mutations.graphql.ts'
import '../conversations/log-conversations.graphql.ts'
import '../conversations/metadata-keys.graphql.ts'
import '../conversations/llm-stats.graphql.ts'
import '../analytics/conversation-insights.graphql.ts'
import '../analytics/agent-totals.graphql.ts'
import '../analytics/end-users.graphql.ts'
import '../analytics/intent-metrics.graphql.ts'
import '../analytics/language-metrics.graphql.ts'
import '../analytics/metrics.graphql.ts'
import '../analytics/retention.graphql.ts'
import '../analytics/facets.graphql.ts'
import '../analytics/tool-metrics.graphql.ts'
import '../analytics/series.graphql.ts'
import './node-queries.ts'

export const schema: GraphQLSchema = builder.toSchema({ sortSchema: false })

/** The text of schema.graphql: root types, then interfaces, objects, inputs, enums and scalars. */
export function printedSchema(): string {
  const kinds = [isInterfaceType, isObjectType, isInputObjectType, isEnumType]
  const rank = (type: GraphQLNamedType) => {
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
    const root = roots.indexOf(type as GraphQLObjectType)
    if (root !== -1) return root - roots.length
    const kind = kinds.findIndex((isKind) => isKind(type))
    return kind === -1 ? kinds.length : kind
  }
  return Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
    .sort((a, b) => rank(a) - rank(b))
    .map((type) => `${printType(type)}\n`)
    .join('\n')
}
