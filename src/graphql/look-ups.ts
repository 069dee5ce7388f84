import { builder } from './builder.ts'

/** A look-up of one object by exactly one of its ids. */
function lookUp(name: string, article: string, idOf: string, prefix: string, scope = 'tenant') {
  return builder.inputType(name, {
    description: `${article}, by exactly one of its ids.`,
    isOneOf: true,
    fields: (t) => ({
      id: t.id({ required: false, description: `Id of the ${idOf}, \`${prefix}_…\`.` }),
      externalId: t.string({
        required: false,
        description: `External id of the ${idOf}: the caller's own id, unique within the ${scope}.`,
      }),
    }),
  })
}

export const ConversationBy = lookUp('ConversationBy', 'A conversation', 'conversation', 'conv')

export const MessageBy = lookUp('MessageBy', 'A transcript entry', 'entry', 'msg', 'conversation')

export const AgentBy = lookUp('AgentBy', 'An existing agent', 'agent', 'agent')
