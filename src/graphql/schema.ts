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
import { builder } from './builder.ts'
import './scalars.ts'
import './tenant.ts'
import './api-key.ts'
import './viewer.ts'
import './limits.ts'
import './embed-token.ts'
import './token-issuer.ts'
import './audit.ts'
import './agent.ts'
import './agent-writes.ts'
import './conversation.ts'
import './conversations.ts'
import './conversation-live.ts'
import './conversations-live.ts'
import './conversation-writes.ts'
import './log-conversations.ts'
import './metadata-keys.ts'
import './llm-stats.ts'
import './conversation-insights.ts'
import './agent-totals.ts'
import './end-users.ts'
import './intent-metrics.ts'
import './language-metrics.ts'
import './metrics.ts'
import './retention.ts'
import './tool-metrics.ts'
import './series.ts'
import './nodes.ts'

export const schema: GraphQLSchema = builder.toSchema({ sortSchema: false })

/** What schema.graphql holds: first what can be asked, then what is answered, then what is given. */
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
