import { type Change, ChangeType, CriticalityLevel, diff } from '@graphql-inspector/core'
import {
  astFromValue,
  buildSchema,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isScalarType,
  print,
} from 'graphql'
import { type Contract, isCandidateOfMajor } from '../../src/cli/released-contract.ts'

export interface Version {
  contract: Contract
  schema: string
}

/** What somebody who relies on the released version would miss, each by the name that the changelog has to give. */
export async function breakingChanges(released: Version, current: Version): Promise<string[]> {
  const [before, now] = [buildSchema(released.schema), buildSchema(current.schema)]
  const changes = await diff(before, now)
  const ofSchema = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
  return [
    ...new Set([
      ...ofSchema.map(nameOf),
      ...changedFacts(before, now),
      ...changedNames(released.contract, current.contract),
    ]),
  ]
}

/** The path of a change, if only one change can have it. */
function nameOf({ type, meta, path, message }: Change): string {
  if (type === ChangeType.ObjectTypeInterfaceRemoved)
    return `${meta.objectTypeName} implements ${meta.removedInterfaceName}`
  if (type === ChangeType.UnionMemberRemoved) return `${meta.unionName} = ${meta.removedUnionMemberTypeName}`
  return path ?? message
}

const REQUIRED = 'required'

/** What the inspector doesn't count as broken, although clients rely on it. */
function changedFacts(before: GraphQLSchema, now: GraphQLSchema): string[] {
  const facts = new Map(factsOf(now))
  return factsOf(before).flatMap(([name, fact]) =>
    fact !== REQUIRED && facts.has(name) && facts.get(name) !== fact ? [name] : [],
  )
}

function factsOf(schema: GraphQLSchema): [name: string, fact: string][] {
  return Object.values(schema.getTypeMap()).flatMap((type): [string, string][] => {
    if (isScalarType(type)) return [[`${type.name} @specifiedBy`, type.specifiedByURL ?? '']]
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields())
      return [[`${type.name} @oneOf`, String(type.isOneOf)], ...fields.map((field) => defaultOf(type.name, field))]
    }
    if (!isObjectType(type) && !isInterfaceType(type)) return []
    return Object.values(type.getFields()).flatMap(({ name, args }) =>
      args.map((arg) => defaultOf(`${type.name}.${name}`, arg)),
    )
  })
}

function defaultOf(parent: string, input: GraphQLArgument | GraphQLInputField): [name: string, fact: string] {
  const value = input.defaultValue === undefined ? null : astFromValue(input.defaultValue, input.type)
  return [`${parent}.${input.name}`, isRequiredArgument(input) ? REQUIRED : value ? print(value) : '']
}

function changedNames(released: Contract, current: Contract): string[] {
  const gone = (before: string[], now: string[]) => before.filter((name) => !now.includes(name))
  const codes = Object.entries(released.errorCodes).filter(([code, { status, retry }]) => {
    const now = current.errorCodes[code]
    return now?.status !== status || now.retry !== retry
  })
  const read = ({ claims }: Contract) => [...claims.required, ...claims.optional]
  return [
    ...codes.map(([code]) => code),
    ...gone(released.routes, current.routes),
    ...gone(read(released), read(current)),
    ...gone(current.claims.required, released.claims.required),
    ...gone(released.settings, current.settings),
  ]
}

const majorOf = (version: string) => Number(version.split('.')[0])

/**
 * What keeps the current version from being released. A breaking change needs a new major, and a line in the changelog
 * above the section of the released version: what stands in that section was said of another change.
 */
export async function problemsOf(released: Version, current: Version, changelog: string): Promise<string[]> {
  const breaking = await breakingChanges(released, current)
  if (breaking.length === 0) return []
  const [before, now] = [released.contract.version, current.contract.version]
  const [, ...sections] = changelog.split(/^## /m)
  const ofReleased = sections.findIndex((section) => /^\S+/.exec(section)?.[0] === before)
  const later = sections.slice(0, Math.max(ofReleased, 0)).join('')
  return [
    ...(majorOf(now) > majorOf(before) || isCandidateOfMajor(before) ? [] : [`${before} promised what ${now} breaks`]),
    ...breaking
      .filter((name) => !later.includes(`\`${name}\``))
      .map((name) => `the changelog does not name ${name} above ${before}`),
  ]
}
