import { readFileSync } from 'node:fs'
import {
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql'
import { expect, test } from 'vitest'
import { schema as parleySchema, printedSchema } from '../../src/schema/schema.ts'

/** The conventions that every name and shape of the schema follows. */

const types = Object.values(parleySchema.getTypeMap()).filter(({ name }) => !name.startsWith('__'))
const objects = types.filter(isObjectType)
const roots = ['Query', 'Mutation', 'Subscription']
const fields = objects.flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })))
const inputFields = types
  .filter(isInputObjectType)
  .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })))
const nameOf = ({ type, field }: { type: { name: string }; field: { name: string } }) => `${type.name}.${field.name}`

test('a field called id is that of a node, which `node(id:)` returns again', () => {
  const withId = objects.filter((type) => 'id' in type.getFields())
  const isNode = (type: (typeof objects)[number]) => type.getInterfaces().some(({ name }) => name === 'Node')
  expect(withId.filter((type) => !isNode(type)).map(({ name }) => name)).toEqual([])
  expect(withId.length).toBeGreaterThan(5)
})

test('every mutation takes one input, or nothing, and returns a payload of its own', () => {
  const mutations = Object.values(parleySchema.getMutationType()?.getFields() ?? {})
  expect(mutations.filter(({ args }) => args.length > 0 && args.map(({ name }) => name).join() !== 'input')).toEqual([])
  const payload = (name: string) => `${name[0]?.toUpperCase()}${name.slice(1)}Payload!`
  expect(mutations.filter(({ name, type }) => String(type) !== payload(name)).map(({ name }) => name)).toEqual([])
  expect(mutations.length).toBeGreaterThan(20)
})

test('counts end in Count, durations in Ms, money in Usd, shares in Rate', () => {
  // Whole numbers that count nothing: limits of a page of settings, places, ratings, and settings in seconds or minutes.
  const others =
    /^(Limits|RateLimit|TextHighlight)\.|\.(sequence|lastSequence|index|week|rating)$|(Seconds|Minutes|PerMinute)$/
  const numbers = fields.filter(({ field }) => String(getNullableType(field.type)) === 'Int').map(nameOf)
  expect(numbers.filter((name) => !/(Count)$/.test(name) && !others.test(name))).toEqual([])
  const all = [...fields, ...inputFields].filter(({ field }) => /^(Float|Int)!?$/.test(String(field.type)))
  expect(
    all.map(nameOf).filter((name) => !others.test(name) && /(cost|price|duration|latency|share|ratio)$/i.test(name)),
  ).toEqual([])
})

test('only lists, numbers and look-ups of queries can be null by themselves', () => {
  const queries = Object.values(parleySchema.getQueryType()?.getFields() ?? {})
  expect(queries.filter(({ type }) => isNonNullType(type)).map(({ name }) => name)).toEqual(['viewer', 'limits'])
  const mutations = Object.values(parleySchema.getMutationType()?.getFields() ?? {})
  expect(mutations.filter(({ type }) => !isNonNullType(type))).toEqual([])
})

test('a list has pages, or is as short as something else says', () => {
  // Lists that an argument, a limit or the object itself bounds. Anything else is a connection.
  const bounded =
    /^Query\.(metadataKeys|conversationFacets|intentMetrics|languageMetrics|toolMetrics|retention|availableSeries|nodes)$|^(?!Query)\w+\./
  const lists = fields.filter(({ type, field }) => roots.includes(type.name) && isListType(getNullableType(field.type)))
  expect(lists.map(nameOf).filter((name) => !bounded.test(name))).toEqual([])
})

test('words that go: remove, foreign, position, derivation, register for what is kept or found', () => {
  const names = [...types.map(({ name }) => name), ...fields.map(nameOf), ...inputFields.map(nameOf)]
  const old = /remove|foreign|position|derivation|lock|registerAgent/i
  expect(names.filter((name) => old.test(name))).toEqual([])
})

test('what ends is deleted, archived or revoked, as the README says, and nothing is removed', () => {
  const mutations = Object.values(parleySchema.getMutationType()?.getFields() ?? {})
  const ENDING = ['delete', 'archive', 'revoke', 'erase', 'remove', 'destroy', 'disable', 'deactivate', 'end']
  const verbOf = (name: string) => /^[a-z]+/.exec(name)?.[0] ?? ''
  const ending = mutations.filter(({ name }) => ENDING.includes(verbOf(name)))
  const readme = readFileSync('README.md', 'utf8')
  const rows = [...readme.matchAll(/^\| (delete|archive|revoke|erase) \| .* \| (.*) \|$/gm)]
  const told = rows.flatMap(([, verb, names = '']) => [...names.matchAll(/`(\w+)`/g)].map(([, name]) => [verb, name]))
  expect(told).toEqual([
    ...ending.map(({ name }) => [verbOf(name), name]).toSorted(byRow),
    ['erase', 'CONVERSATIONS_ERASE'],
  ])
  const says = (verb: string) => new RegExp(`\\b${verb}s?\\b`, 'i')
  const otherWords = ending.filter(({ name, description }) => !says(verbOf(name)).test(description ?? ''))
  expect(otherWords.map(({ name }) => name)).toEqual([])
  expect(printedSchema()).not.toMatch(/remov/i)
})

/** In the order of the README's table. */
function byRow([verb = '', name = '']: string[], [otherVerb = '', otherName = '']: string[]) {
  const ORDER = ['delete', 'archive', 'revoke']
  return ORDER.indexOf(verb) - ORDER.indexOf(otherVerb) || name.localeCompare(otherName)
}

test('scalars say who specifies them', () => {
  const own = types.filter(isScalarType).filter((type) => !isSpecifiedScalarType(type))
  expect(own.filter(({ specifiedByURL }) => !specifiedByURL).map(({ name }) => name)).toEqual([])
  expect(own.length).toBe(4)
})

test('references with two ways are @oneOf', () => {
  const both = types.filter(isInputObjectType).filter((type) => {
    const names = Object.keys(type.getFields())
    return names.includes('id') && names.includes('externalId') && getNamedType(type.getFields()['id']?.type)
  })
  expect(both.map(({ name, isOneOf }) => [name, isOneOf])).toEqual([
    ['ConversationBy', true],
    ['MessageBy', true],
    ['AgentBy', true],
    ['AgentReference', true],
  ])
})
