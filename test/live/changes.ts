import { follow, type Live } from '../support/live.ts'
import type { Credential, TestServer } from '../support/server.ts'

const CHANGED = `subscription ($filter: ConversationFilter, $after: String) {
  conversationsChanged(filter: $filter, after: $after) {
    resumeToken
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
export const changesOf = async (live: Live): Promise<Change[]> => (await live.data()).conversationsChanged.changes
