import { follow, type Live } from '../support/live.ts'
import type { Credential, TestServer } from '../support/server.ts'

const CHANGED = `subscription ($filter: ConversationFilter, $after: String) {
  conversationsChanged(filter: $filter, after: $after) {
    position
    changes { kind conversationId conversation { id messageCount } }
  }
}`

export interface Change {
  kind: string
  conversationId: string
  conversation: { id: string; messageCount: number } | null
}

export const followChanges = (
  server: Pick<TestServer, 'fetch'>,
  credential: Credential,
  variables: Record<string, unknown> = {},
) => follow(server, credential, CHANGED, variables)

/** The changes of the next answer. */
export async function changesOf(live: Live): Promise<Change[]> {
  const answer = await live.next()
  if (!answer?.data) throw new Error(`no changes, but ${JSON.stringify(answer)}`)
  return answer.data.conversationsChanged.changes
}
