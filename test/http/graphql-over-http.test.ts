import { serverAudits } from 'graphql-http'
import { describe, expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'

const server = await startTestServer()
const { key } = await server.newTenant()

/** The suite that accompanies the specification of GraphQL over HTTP, asked with a key: without one, nothing is answered. */
const audits = serverAudits({
  url: 'http://localhost/graphql',
  fetchFn: (url: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${key}`)
    return server.fetch(url, { ...init, headers })
  },
})

describe('GraphQL over HTTP', () => {
  test('the suite is there', () => {
    expect(audits.length).toBeGreaterThan(60)
  })

  test.each(audits.map(({ id, name, fn }) => [id, name, fn] as const))('%s %s', async (_id, _name, fn) => {
    expect(await fn()).toMatchObject({ status: 'ok' })
  })
})
