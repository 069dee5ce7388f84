// What a page would do with the types. It is compiled beside them, and never run.
import {
  ConversationsDocument,
  type ConversationsQuery,
  type DashboardQueryVariables,
  type EntryFragment,
  type LogMutationVariables,
} from './gql/graphql.ts'

export const text: string = ConversationsDocument.toString()

export function titles(data: ConversationsQuery): string[] {
  // @ts-expect-error A list that is refused is null.
  data.conversations.nodes
  return (data.conversations?.nodes ?? []).flatMap(({ externalId, messages }) => [
    externalId ?? '',
    ...messages.nodes.map(textOf),
  ])
}

function textOf(entry: EntryFragment): string {
  switch (entry.__typename) {
    case 'ChatMessage':
      return entry.content
    case 'ToolCall':
      return entry.name
    default:
      return String(entry.sequence)
  }
}

export const asked: DashboardQueryVariables = { measures: ['CONVERSATIONS'], interval: 'DAY' }

export const logged: LogMutationVariables = {
  input: { externalId: 'order-1', metadata: { plan: 'pro' }, messages: [{ chat: { role: 'USER', content: 'Hello' } }] },
}

export const wrong: LogMutationVariables = {
  // @ts-expect-error A message is of one kind.
  input: { messages: [{ chat: { role: 'USER', content: 'Hello' }, tool: { name: 'find' } }] },
}
