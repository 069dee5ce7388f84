export const VERSION = 'query ConsoleVersion { limits { embed { version } } }'

/** How far an administrator has got. */
export const PROGRESS = `query ConsoleProgress {
  tenants(first: 100) { totalCount nodes { id name createdAt } }
  apiKeys(first: 100, filter: { statuses: [ACTIVE] }) { totalCount nodes { id tenantId scopes } }
}`

/** Whether the tenant has any key of its own. */
export const FIRST_KEY = `query ConsoleFirstKey($tenantId: ID!) {
  apiKeys(first: 1, filter: { statuses: [ACTIVE], tenantIds: [$tenantId] }) { nodes { id } }
}`

/** Whether the tenant has any conversations. */
export const FIRST_CONVERSATION = `query ConsoleFirstConversation { conversations(first: 1) { nodes { id } } }`
