import { getDatamodel } from '../database/generated/pothos.ts'
import type { JsonTemplate } from './row-text.sql.ts'

/** What is read of a row: fields of its model, and related rows under keys that the reader chooses. */
export interface RowTree {
  model: string
  columns: Set<string>
  relations: Map<string, Relation>
}

/** Rows that a relation of Prisma's schema relates to another one, in the terms of a Prisma query. */
export interface Relation {
  name: string
  where?: Where | undefined
  orderBy?: Record<string, 'asc' | 'desc'> | undefined
  take?: number | undefined
  tree: RowTree
  /** Reads text instead, if nothing else is needed of the rows. Only for relations of the rows that are selected. */
  text?: JsonTemplate | undefined
}

export type Where = { [name: string]: unknown }

export type Row = Record<string, unknown>

/** Something that this reader does not support. */
export class UnsupportedSelection extends Error {}

/** A selection that is only unsupported for the values of this request. */
export class UnsupportedValue extends UnsupportedSelection {}

export const TABLES: Record<string, string> = {
  Agent: 'agents',
  Conversation: 'conversations',
  ConversationAgent: 'conversation_agents',
  Message: 'messages',
}

export const { models } = getDatamodel().datamodel
export type Field = (typeof models)[string]['fields'][number]
export const fields = new Map(
  Object.entries(models).map(([model, { fields }]) => [model, new Map(fields.map((field) => [field.name, field]))]),
)

export function fieldOf(model: string, name: string): Field {
  const field = fields.get(model)?.get(name)
  if (!field || !TABLES[model]) throw new UnsupportedSelection(`${model}.${name}`)
  return field
}

type Select = { [name: string]: unknown }

/** The tree for the `select` of a Prisma query, if it can be expressed as one. */
export function treeOf(model: string, { select, ...more }: { select?: object }): RowTree {
  if (!select || Object.keys(more).length > 0) throw new UnsupportedSelection(`${model}: ${Object.keys(more)}`)
  const tree: RowTree = { model, columns: new Set(), relations: new Map() }
  for (const [name, what] of Object.entries(select as Select)) {
    if (what === true) tree.columns.add(name)
    else if (what) {
      const { where, orderBy, take, ...below } = what as Omit<Relation, 'name' | 'tree'> & { select?: object }
      tree.relations.set(name, { name, where, orderBy, take, tree: treeOf(modelOfRelation(model, name), below) })
    }
  }
  return tree
}

/** A selection of all columns of a model. */
export const columnsOf = (model: string) =>
  Object.fromEntries(
    [...(fields.get(model) ?? [])].flatMap(([name, { kind }]) => (kind === 'object' ? [] : [[name, true]])),
  )

/** Throws if this is not a relation that can be read. */
export function modelOfRelation(model: string, name: string): string {
  const { kind, type } = fieldOf(model, name)
  if (kind !== 'object') throw new UnsupportedSelection(`${model}.${name}`)
  return type
}

/** Columns have the names of the fields, in snake case; a test compares schema.prisma with the tables. */
export const columnOf = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

export const textsOf = ({ relations }: RowTree) =>
  [...relations].flatMap(([key, relation]) => (relation.text ? [[key, relation, relation.text] as const] : []))
