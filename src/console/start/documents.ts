export const VERSION = 'query ConsoleVersion { limits { embed { version } } }'

/** How far an administrator is. Two keys are enough to know one that is not one's own. */
export const PROGRESS = `query ConsoleProgress {
  tenants(first: 100) { totalCount nodes { id name createdAt } }
  apiKeys(first: 2, filter: { statuses: [ACTIVE] }) { totalCount nodes { id } }
}`

/** Whether the tenant has any conversation. */
export const FIRST_CONVERSATION = `query ConsoleFirstConversation { conversations(first: 1) { nodes { id } } }`
