import { type GraphQLInputType, getNamedType, isInputObjectType, isListType, isNonNullType } from 'graphql'
import { expect, test } from 'vitest'
import { schema } from '../../src/schema/schema.ts'
import { startTestServer } from '../support/server.ts'
import { requestsOf, tenantTables } from './attack.ts'
import { cases, nestedCases } from './cases.ts'
import { plantVictim } from './plant.ts'
import { answeredTypes, rootFields } from './select-everything.ts'

/** What is new in the schema or the tables must get its place in this suite; each test here says where. */

const server = await startTestServer()
const victim = await plantVictim(server)
const requests = requestsOf({ other: victim, own: victim })

test('every root field has a case, and every case is for a root field: add it in cases-….ts', () => {
  expect(Object.keys(cases).sort()).toEqual([...rootFields.keys()].sort())
})

test('every type that implements Node is asked for by its id: add it to nodeIds in plant.ts', () => {
  const node = schema.getType('Node')
  const types = node && 'resolveType' in node && 'getInterfaces' in node ? schema.getPossibleTypes(node) : []
  expect(Object.keys(victim.nodeIds).sort()).toEqual(types.map((type) => type.name).sort())
  expect(Object.values(victim.nodeIds)).not.toContain(undefined)
})

test('every argument below the root has a case: add it to nestedCases in cases.ts', () => {
  const declared = answeredTypes.flatMap((type) =>
    Object.values(type.getFields()).flatMap((field) =>
      field.args.map((arg) => `${type.name}.${field.name}(${arg.name})`),
    ),
  )
  const used = Object.entries(nestedCases).flatMap(([coordinate, nested]) =>
    nested.arguments(victim, victim).flatMap((args) => Object.keys(args).map((name) => `${coordinate}(${name})`)),
  )
  expect([...new Set(used)].sort()).toEqual(declared.sort())
})

test('every argument that can name a row names one of another tenant in some case', () => {
  const named = new Set(requests.flatMap(({ field, document }) => pathsUsed(field, document.variables)))
  const missing = [...rootFields].flatMap(([coordinate, { field }]) =>
    field.args.flatMap((arg) => pathsOfRows(coordinate, arg.name, arg.type)).filter((path) => !named.has(path)),
  )
  expect(missing).toEqual([])
})

test('every field of every type is selected by some case', () => {
  const selected = new Set(requests.flatMap(({ document }) => [...document.selected]))
  const all = answeredTypes.flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`))
  expect(all.filter((coordinate) => !selected.has(coordinate))).toEqual([])
})

/** Hold counts alone, or the ids of what was written, which are looked for as ids. */
const WITHOUT_CANARY = [
  ...['conversations.llm_stats', 'idempotency_keys.answer', 'messages.redactions'],
  // Have the words of contents, which are looked for in these.
  ...['messages.search_words', 'messages.search_parts'],
  // Migrations name jobs.
  'tenant_jobs.name',
  'trusted_documents.sha256',
]

test('the other tenant holds a canary in every column that can hold one: fill it in planted-inputs.ts', async () => {
  const empty: string[] = []
  for (const table of await tenantTables(server)) {
    const columns = await server.owner(`
      SELECT column_name AS name FROM information_schema.columns
      WHERE table_schema = current_schema() AND table_name = '${table}' AND column_name <> 'tenant_id'
        AND udt_name IN ('text', '_text', 'varchar', '_varchar', 'json', 'jsonb')`)
    for (const { name } of columns) {
      const [row] = await server.owner(
        `SELECT count(*)::int AS count FROM ${table} WHERE tenant_id = '${victim.tenantId}' AND "${name}"::text LIKE '%${victim.marker}%'`,
      )
      if (row?.['count'] === 0) empty.push(`${table}.${name}`)
    }
  }
  expect(empty).toEqual(WITHOUT_CANARY)
})

/** Inputs by which a caller can name rows: ids, the caller's own ids, cursors, and every condition of a filter. */
const NAMES_ROWS = /^(after|before|externalIds?|idempotencyKey)$/

/** `Query.conversations filter.externalIds`, … A type inside itself is the type: `filter.and.externalIds` is the same. */
function pathsOfRows(path: string, name: string, type: GraphQLInputType, inside: string[] = []): string[] {
  const own = path.includes(' ') ? `${path}.${name}` : `${path} ${name}`
  const named = getNamedType(type)
  if (!isInputObjectType(named)) return named.name === 'ID' || NAMES_ROWS.test(name) ? [own] : []
  if (inside.includes(named.name)) return []
  return Object.values(named.getFields()).flatMap((field) => {
    const deeper = pathsOfRows(own, field.name, field.type, [...inside, named.name])
    return named.name.endsWith('Filter') ? [...deeper, `${own}.${field.name}`] : deeper
  })
}

function pathsUsed(coordinate: string, variables: Record<string, unknown>): string[] {
  const args = rootFields.get(coordinate)?.field.args ?? []
  return args.flatMap((arg) => used(`${coordinate} ${arg.name}`, variables[arg.name], arg.type, new Map()))
}

function used(path: string, value: unknown, type: GraphQLInputType, entered: Map<string, string>): string[] {
  if (isNonNullType(type)) return used(path, value, type.ofType, entered)
  if (isListType(type)) {
    return Array.isArray(value) ? [path, ...value.flatMap((item) => used(path, item, type.ofType, entered))] : []
  }
  if (value === undefined) return []
  if (!isInputObjectType(type) || value === null) return [path]
  const place = entered.get(type.name) ?? path
  const inside = new Map(entered).set(type.name, place)
  const fields = Object.values(type.getFields())
  return [path, ...fields.flatMap(({ name, type }) => used(`${place}.${name}`, Object(value)[name], type, inside))]
}
