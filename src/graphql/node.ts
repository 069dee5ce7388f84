import { builder } from './builder.ts'

/** Objects with an id that this server made. Types implement it with `interfaces: [Node]`. */
export const Node = builder.interfaceRef<{ id: string }>('Node').implement({
  description: 'An object with an opaque, time-ordered id. Read it again with `node(id:)`.',
  fields: (t) => ({ id: t.exposeID('id', { description: 'Opaque id; its prefix indicates the type.' }) }),
})
