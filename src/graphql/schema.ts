import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  printSchema,
} from 'graphql'
import type { Context } from '../context.ts'
import { checkInput } from '../domain/check-input.ts'
import { builder } from './builder.ts'
import './scalars.ts'
import './tenant.ts'
import './api-key.ts'
import './viewer.ts'
import './agent.ts'
import './agent-writes.ts'
import './conversation.ts'
import './conversations.ts'
import './conversation-writes.ts'
import './metadata-keys.ts'
import './nodes.ts'

export const schema: GraphQLSchema = checkingInput(builder.toSchema({ sortSchema: false }))

/** What schema.graphql holds. */
export const printedSchema = () => `${printSchema(schema)}\n`

/** Every root field checks its arguments for what can't be stored or compared, before its own rules. */
function checkingInput(built: GraphQLSchema): GraphQLSchema {
  for (const type of [built.getQueryType(), built.getMutationType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      const resolve: GraphQLFieldResolver<unknown, Context> = field.resolve ?? defaultFieldResolver
      field.resolve = (root, args: Record<string, unknown>, context, info) => {
        for (const [name, value] of Object.entries(args)) checkInput(value, [name])
        return resolve(root, args, context, info)
      }
    }
  }
  return built
}
