import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLNamedType,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isScalarType,
  isUnionType,
} from 'graphql'
import { expect, test } from 'vitest'
import { formatInputPath, type InputPath } from '../../src/errors.ts'
import { schema } from '../../src/schema/schema.ts'
import { refusals } from '../conversations/writes.ts'
import { followChanges } from '../live/changes.ts'
import { startTestServer } from '../support/server.ts'

const server = await startTestServer()
const { ask, key } = await server.newTenant()

/** An argument of a read, with a document that passes it as the variable `value`. */
interface ReadArgument {
  name: string
  argument: GraphQLArgument
  document: string
}

/** Values for arguments that are required beside another one. */
const SAMPLES: Record<string, string> = { fields: '[LABEL]', measures: '[CONVERSATIONS]' }

/** Every argument of every field except mutations, at the first place where the field is found. */
function readArguments(): ReadArgument[] {
  const found: ReadArgument[] = []
  const seen = new Set<string>()
  const visit = (type: GraphQLNamedType, wrap: (selection: string) => string, canAsk: boolean) => {
    if (seen.has(type.name)) return
    seen.add(type.name)
    const concrete = isUnionType(type) || isInterfaceType(type) ? schema.getPossibleTypes(type) : []
    for (const one of concrete) visit(one, (selection) => wrap(`... on ${one.name} { ${selection} }`), true)
    if (!isObjectType(type)) return
    for (const field of Object.values(type.getFields())) {
      const isLeaf = 'getValues' in getNamedType(field.type) || isScalarType(getNamedType(field.type))
      for (const argument of canAsk ? field.args : []) {
        const others = field.args.filter((other) => other !== argument && isRequiredArgument(other))
        const given = [`${argument.name}: $value`, ...others.map((other) => `${other.name}: ${SAMPLES[other.name]}`)]
        const selection = `${field.name}(${given.join(', ')})${isLeaf ? '' : ' { __typename }'}`
        const document = wrap(selection).replace(/^(\w+)/, `$1 ($value: ${argument.type})`)
        found.push({ name: `${type.name}.${field.name}(${argument.name}:)`, argument, document })
      }
      visit(getNamedType(field.type), (selection) => wrap(`${field.name} { ${selection} }`), true)
    }
  }
  for (const operation of ['query', 'subscription', 'mutation'] as const) {
    const root = {
      query: schema.getQueryType(),
      subscription: schema.getSubscriptionType(),
      mutation: schema.getMutationType(),
    }
    const type = root[operation]
    if (type) visit(type, (selection) => `${operation} { ${selection} }`, operation !== 'mutation')
  }
  return found
}

/** A value of an argument that is too large in one place, and where it is refused. */
interface TooMuch {
  value: unknown
  inputPath: InputPath
}

const LONG = 'x'.repeat(10_001)

/**
 * A value that is too large, for every place whose type has no limit of its own. Each path enters an input object type
 * once.
 */
function tooMuch(type: GraphQLInputType, path: InputPath, entered: readonly string[] = []): TooMuch[] {
  const nullable = getNullableType(type)
  if (isListType(nullable)) {
    const inside = tooMuch(nullable.ofType, [...path, 0], entered).map((one) => ({ ...one, value: [one.value] }))
    const isFilter = getNamedType(nullable).name.endsWith('Filter')
    const entry = isScalarType(getNamedType(nullable)) ? 1 : {}
    return [{ value: Array(501).fill(entry), inputPath: isFilter ? path.slice(0, 1) : path }, ...inside]
  }
  if (isInputObjectType(nullable)) {
    if (entered.includes(nullable.name)) return []
    return Object.values(nullable.getFields()).flatMap((field) =>
      tooMuch(field.type, [...path, field.name], [...entered, nullable.name]).map(({ value, inputPath }) => ({
        value: { [field.name]: value },
        inputPath,
      })),
    )
  }
  if (['JSON', 'JSONObject'].includes(nullable.name)) return [{ value: { a: LONG }, inputPath: path }]
  return ['String', 'ID'].includes(nullable.name) ? [{ value: LONG, inputPath: path }] : []
}

const all = readArguments()

test('the arguments of reads are found at all depths', () => {
  const names = all.map(({ name }) => name)
  for (const name of [
    'Query.conversations(filter:)',
    'Query.nodes(ids:)',
    'Query.intentMetrics(excludeIntents:)',
    'Query.auditEvents(filter:)',
    'Conversation.messages(types:)',
    'Conversation.firstMeaningfulIntent(exclude:)',
    'Agent.totals(filter:)',
    'Subscription.conversationsChanged(filter:)',
  ]) {
    expect(names).toContain(name)
  }
})

const isMeasured = ({ argument }: ReadArgument) => !argument.extensions['hasOwnLimit']

test('every list, text and JSON value of a read has a limit', async () => {
  const accepted: string[] = []
  for (const { name, argument, document } of all.filter(isMeasured)) {
    for (const { value, inputPath } of tooMuch(argument.type, [argument.name])) {
      const expected = `LIMIT_EXCEEDED ${formatInputPath(inputPath)}`
      const got = refusals(await ask(document, { value }))
      if (got.join() !== expected) accepted.push(`${name} ${formatInputPath(inputPath)}: ${got}`)
    }
  }
  expect(accepted).toEqual([])
})

test('cursors and ids are refused by the lists that they are given to', async () => {
  const others = all.filter((one) => !isMeasured(one))
  expect(new Set(others.map(({ argument }) => argument.name))).toEqual(new Set(['after', 'before', 'ids']))
  expect(others.find(({ name }) => name.endsWith('(ids:)'))?.name).toBe('Query.nodes(ids:)')
  expect(refusals(await ask(`{ nodes(ids: [${Array(101).fill('"a"')}]) { id } }`))).toEqual(['BAD_USER_INPUT ids'])
  for (const name of ['after', 'before']) {
    expect(refusals(await ask(`{ agents(${name}: "${LONG}") { totalCount } }`))).toEqual([`BAD_USER_INPUT ${name}`])
  }
  const live = await followChanges(server, { key }, { after: LONG })
  expect(await live.next()).toMatchObject({
    errors: [{ extensions: { code: 'BAD_USER_INPUT', inputPath: 'after' } }],
  })
})
