/** The query that GraphiQL shows first. */
export const firstQuery = `# Welcome to Parley. Put your key into "Headers" below:
#
#   {
#     "Authorization": "Bearer parley_…",
#     "X-Tenant-Id": "acme"
#   }
#
# Only an account key needs X-Tenant-Id. Headers are not
# stored: after a reload, enter them again.

query Newest {
  viewer { name scopes tenant { id } }
  conversations(first: 5) {
    totalCount
    nodes {
      id
      status
      startedAt
      messages(first: 6) {
        nodes {
          __typename
          sequence
          ... on ChatMessage { role content }
        }
      }
    }
  }
}
`
