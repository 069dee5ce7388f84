export const VERSION = 'query ConsoleVersion { limits { embed { version } } }'

/** How far an administrator has got. Of two keys, at least one is not the signed-in key. */
export const PROGRESS = `query ConsoleProgress {
  tenants(first: 100) { totalCount nodes { id name createdAt } }
  apiKeys(first: 2, filter: { statuses: [ACTIVE] }) { totalCount nodes { id } }
}`

/** Whether the tenant has any conversations. */
export const FIRST_CONVERSATION = `query ConsoleFirstConversation { conversations(first: 1) { nodes { id } } }`
