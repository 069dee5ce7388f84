import {
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql'
import { expect, test } from 'vitest'
import { schema } from '../../src/schema/schema.ts'

type Described = [place: string, description: string | null | undefined]

/** A sentence's end, inside a closing parenthesis or quotation mark too. */
const SENTENCE = /[.!?][)”"]?$/

const ofField = (owner: string, field: GraphQLField<unknown, unknown>): Described[] => [
  [`${owner}.${field.name}`, field.description],
  ...field.args.map((arg): Described => [`${owner}.${field.name}(${arg.name}:)`, arg.description]),
]

function everythingIn(type: GraphQLNamedType): Described[] {
  const inside = (): Described[] => {
    if (isObjectType(type) || isInterfaceType(type)) {
      return Object.values(type.getFields()).flatMap((field) => ofField(type.name, field))
    }
    if (isInputObjectType(type)) {
      return Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, field.description])
    }
    if (isEnumType(type)) return type.getValues().map((value) => [`${type.name}.${value.name}`, value.description])
    return []
  }
  return [[type.name, type.description], ...inside()]
}

const ownTypes = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
)

test('every type, field, argument and value of the schema is described in sentences', () => {
  const wanting = ownTypes.flatMap(everythingIn).filter(([, description]) => !SENTENCE.test(description?.trim() ?? ''))
  expect(wanting).toEqual([])
})

test('every write of a tenant’s conversations and agents takes an idempotency key', () => {
  const writes = Object.values(schema.getMutationType()?.getFields() ?? {}).filter((field) =>
    /scope CONVERSATIONS_(WRITE|ERASE)/.test(field.description ?? ''),
  )
  expect(writes.map(({ name }) => name)).toContain('logConversation')
  const without = writes.filter(({ args }) => {
    const inputs = args.map((arg) => getNamedType(arg.type)).filter(isInputObjectType)
    // Of many conversations, each takes its own.
    const each = inputs.map((input) => getNamedType(input.getFields()['conversations']?.type) ?? input)
    return !each.filter(isInputObjectType).some((input) => input.getFields()['idempotencyKey'])
  })
  expect(without.map(({ name }) => name)).toEqual([])
})

test('every root field names the scope that it needs', () => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
    Object.values(type?.getFields() ?? {}),
  )
  const silent = roots.filter(({ description }) => !/Needs the scope [A-Z_]+\./.test(description ?? ''))
  // Any credential may ask who it is and what it may send; a node asks for the scope that its own type's query asks for.
  expect(silent.map(({ name }) => name)).toEqual(['viewer', 'limits', 'node', 'nodes'])
})
