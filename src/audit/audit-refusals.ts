import {
  type ExecutionArgs,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  getOperationAST,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Context } from '../context.ts'
import type { AuditAction, AuditObjectType } from '../database/generated/client/enums.ts'
import { decodeAnyId, type IdType } from '../input/ids.ts'
import { TENANT_ID } from '../input/tenant-id.ts'
import type { RefusedAttempts } from './refused-attempts.ts'

/** The audit log's action for each mutation. All other mutations write a tenant's data: DATA_WRITTEN. */
export const ACTIONS: Readonly<Record<string, AuditAction>> = {
  generateApiKey: 'API_KEY_GENERATED',
  updateApiKey: 'API_KEY_UPDATED',
  regenerateApiKey: 'API_KEY_REGENERATED',
  revokeApiKey: 'API_KEY_REVOKED',
  createTenant: 'TENANT_CREATED',
  updateTenant: 'TENANT_UPDATED',
  createEmbedToken: 'EMBED_TOKEN_CREATED',
  revokeEmbedTokens: 'EMBED_TOKENS_REVOKED',
  rotateSigningKey: 'SIGNING_KEY_ROTATED',
  registerTokenIssuer: 'TOKEN_ISSUER_REGISTERED',
  updateTokenIssuer: 'TOKEN_ISSUER_UPDATED',
  deleteTokenIssuer: 'TOKEN_ISSUER_DELETED',
  registerDocuments: 'DOCUMENTS_REGISTERED',
  deleteDocuments: 'DOCUMENTS_DELETED',
  deleteConversation: 'CONVERSATION_DELETED',
}

const OBJECT_TYPES: Partial<Record<IdType, AuditObjectType>> = {
  ApiKey: 'API_KEY',
  TokenIssuer: 'TOKEN_ISSUER',
  Conversation: 'CONVERSATION',
}

/** Records refused writes, and reads that were refused for lack of the scope ADMIN. */
export function useRefusalAudit(refusals: RefusedAttempts): Plugin<{ session: Context }> {
  return {
    onExecute: ({ args }) => ({
      // The transaction is over, and its changes were rolled back.
      onExecuteDone({ result }) {
        if (Symbol.asyncIterator in result) return
        for (const error of result.errors ?? []) recordRefusal(refusals, args, error)
      },
    }),
  }
}

function recordRefusal(refusals: RefusedAttempts, args: ExecutionArgs, { extensions, path }: GraphQLError) {
  const operation = getOperationAST(args.document, args.operationName)
  const { session } = args.contextValue as { session: Context }
  if (extensions['code'] !== 'FORBIDDEN' || operation == null || session.principalOrNull === null) return
  const lacked = Array.isArray(extensions['scopes']) ? extensions['scopes'].map(String) : []
  const isMutation = operation.operation === 'mutation'
  if (!isMutation && !lacked.includes('ADMIN')) return
  const field = rootField(args, operation.selectionSet, String(path?.[0]))
  const name = field?.name.value ?? ''
  const action = isMutation ? (ACTIONS[name] ?? 'DATA_WRITTEN') : 'ACCOUNT_READ'
  refusals.record(
    session,
    {
      action,
      tenantId: session.tenantIdOrNull,
      ...(field ? objectOf(field, action, args.variableValues ?? {}) : {}),
      details: { field: name, ...(lacked.length > 0 ? { lackedScopes: lacked } : {}) },
    },
    'FORBIDDEN',
  )
}

/** The root field of the operation with this response key. */
function rootField(args: ExecutionArgs, { selections }: SelectionSetNode, key: string): FieldNode | undefined {
  for (const selection of selections) {
    if (selection.kind === 'Field') {
      if ((selection.alias ?? selection.name).value === key) return selection
      continue
    }
    const inside = selection.kind === 'InlineFragment' ? selection : fragment(args, selection.name.value)
    const found = inside && rootField(args, inside.selectionSet, key)
    if (found) return found
  }
  return undefined
}

const fragment = (args: ExecutionArgs, name: string) =>
  args.document.definitions.find(
    (definition): definition is FragmentDefinitionNode =>
      definition.kind === 'FragmentDefinition' && definition.name.value === name,
  )

/** The object that the arguments name, if that is a valid id: no text of the caller's gets into the log. */
function objectOf(field: FieldNode, action: AuditAction, variables: Readonly<Record<string, unknown>>) {
  const given = Object.fromEntries(
    (field.arguments ?? []).map((arg) => [arg.name.value, valueFromASTUntyped(arg.value, { ...variables })]),
  )
  const input = (given['input'] ?? given) as Record<string, unknown>
  const by = input['by'] as { id?: unknown } | null | undefined
  const objectId = String(input['id'] ?? by?.id ?? '')
  const objectType = OBJECT_TYPES[decodeAnyId(objectId)?.type ?? 'Message']
  if (objectType) return { objectType, objectId }
  return action.startsWith('TENANT_') && TENANT_ID.test(objectId) ? { objectType: 'TENANT' as const, objectId } : {}
}
