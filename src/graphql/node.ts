import { builder } from './builder.ts'
import { fromRow } from './read-extensions.ts'

/** Objects with an id that this server made. Types implement it with `interfaces: [Node]`. */
export const Node = builder.interfaceRef<{ id: string }>('Node').implement({
  description:
    'An object that `node(id:)` returns again by its id. Ids are opaque. They are time-ordered, except those of tenants and end users.',
  resolveType: fromRow((): never => {
    throw new Error('a node must have the brand of its type')
  }),
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'Opaque id whose prefix indicates the type or, of a tenant, the id chosen at its creation.',
    }),
  }),
})
