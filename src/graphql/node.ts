import { builder } from './builder.ts'
import { fromRow } from './read-extensions.ts'

/** Objects with an id that this server made. Types implement it with `interfaces: [Node]`. */
export const Node = builder.interfaceRef<{ id: string }>('Node').implement({
  description: 'An object with an opaque, time-ordered id. Read it again with `node(id:)`.',
  resolveType: fromRow((): never => {
    throw new Error('a node must have the brand of its type')
  }),
  fields: (t) => ({ id: t.exposeID('id', { description: 'Opaque id; its prefix indicates the type.' }) }),
})
