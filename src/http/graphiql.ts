/** What GraphiQL shows first. */
export const firstQuery = `# Welcome to Parley.
#
# Add your key under "Headers" below; an account key names a tenant there as well:
#
#   { "Authorization": "Bearer parley_…", "X-Tenant-Id": "acme" }

query Newest {
  viewer { name scopes tenant { id } }
  conversations(first: 5) {
    totalCount
    nodes {
      id
      status
      startedAt
      messages(first: 6) { nodes { __typename sequence ... on ChatMessage { role content } } }
    }
  }
}
`
