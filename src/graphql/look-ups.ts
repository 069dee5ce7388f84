import { builder } from './builder.ts'

/** A look-up of one object by exactly one of its ids. */
function lookUp(name: string, article: string, idOf: string, prefix: string) {
  return builder.inputType(name, {
    description: `${article}, by exactly one of its ids.`,
    isOneOf: true,
    fields: (t) => ({
      id: t.id({ required: false, description: `Id of the ${idOf}, \`${prefix}_…\`.` }),
      externalId: t.string({
        required: false,
        description: `External id of the ${idOf}: the caller's own id, unique within the tenant.`,
      }),
    }),
  })
}

export const ConversationBy = lookUp('ConversationBy', 'A conversation', 'conversation', 'conv')

export const AgentBy = lookUp('AgentBy', 'An existing agent', 'agent', 'agent')
