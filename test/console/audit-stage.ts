import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright-core'
import type { TestServer } from '../support/server.ts'

const CREATE_TENANT = 'mutation ($input: CreateTenantInput!) { createTenant(input: $input) { created } }'

/** Creates a tenant by another client, which the log records. */
export async function createTenant(server: TestServer, name: string): Promise<string> {
  const id = `shop-${randomUUID().slice(0, 8)}`
  const { errors } = await server.admin(CREATE_TENANT, { input: { id, name } })
  if (errors) throw new Error(JSON.stringify(errors))
  return id
}

/** Many events of one tenant, of which ten at a time happen at the same moment. */
export async function createTokens(server: TestServer, key: string, count: number): Promise<void> {
  const fields = Array.from({ length: 10 }, (_, index) => `t${index}: createEmbedToken { expiresAt }`)
  for (let created = 0; created < count; created += 10) {
    const { errors } = await server.ask({ key }, `mutation { ${fields.join(' ')} }`)
    if (errors) throw new Error(JSON.stringify(errors))
  }
}

/** The ids of the shown events, from the top. */
export const shownIds = (page: Page): Promise<string[]> =>
  page.evaluate("[...document.querySelectorAll('console-audit tbody tr')].map((row) => row.dataset.key)")

/** As a browser does if another tab is in front. */
export const setHidden = (page: Page, hidden: boolean): Promise<void> =>
  page.evaluate(`{
    Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }`)

/** The ids of the events of the log that match, newest first. */
export async function loggedIds(server: TestServer, filter: object): Promise<string[]> {
  await server.refusals.flush()
  const ids: string[] = []
  for (let after: string | null = null; ; ) {
    const { data, errors } = await server.admin(
      `query ($after: String, $filter: AuditEventFilter) {
        auditEvents(first: 100, after: $after, filter: $filter) { nodes { id } pageInfo { hasNextPage endCursor } }
      }`,
      { after, filter },
    )
    if (errors) throw new Error(JSON.stringify(errors))
    const { nodes, pageInfo } = data.auditEvents
    ids.push(...nodes.map(({ id }: { id: string }) => id))
    if (!pageInfo.hasNextPage) return ids
    after = pageInfo.endCursor
  }
}
