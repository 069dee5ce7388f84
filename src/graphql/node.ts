import { builder } from './builder.ts'

/** What has an id of this server's making. Types add themselves with `interfaces: [Node]`. */
export const Node = builder.interfaceRef<{ id: string }>('Node').implement({
  description: 'Anything with an opaque, time-ordered id of its own: read it again with `node(id:)`.',
  fields: (t) => ({ id: t.exposeID('id', { description: 'Opaque id; its prefix tells the type.' }) }),
})
