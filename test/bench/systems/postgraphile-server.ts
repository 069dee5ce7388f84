import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'
import { PostGraphileConnectionFilterPreset } from 'postgraphile-plugin-connection-filter'

/**
 * PostGraphile 5 as its documentation sets it up: the Amber preset, `pgSettings` from the request's context, which the
 * policies of the tables read. It believes the header; a real one would verify a token, which takes longer.
 */
const preset: GraphileConfig.Preset = {
  extends: [PostGraphileAmberPreset, PostGraphileConnectionFilterPreset],
  pgServices: [makePgService({ connectionString: process.env['DATABASE_URL'] ?? '', schemas: ['public'] })],
  // Metadata is filtered through the table that holds its values: that has an index.
  schema: { connectionFilterRelations: true },
  grafast: {
    context: ({ node }) => ({
      pgSettings: { role: 'parley_tenant', 'app.tenant_id': String(node?.req.headers['x-tenant-id'] ?? '') },
    }),
  },
  grafserv: { graphiql: false, watch: false },
}

const server = createServer()
await postgraphile(preset).createServ(grafserv).addTo(server)
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` }))
})
