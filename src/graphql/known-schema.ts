import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLUnionType,
  getNamedType,
  isInputObjectType,
  isObjectType,
} from 'graphql'
import { UnsupportedSelection } from '../rows/row-tree.ts'

/**
 * The parts of a schema that the planner knows. Any other part may change the answer, so a field or type with one is
 * not planned.
 */

const OF_POTHOS = ['pothosOptions', 'pothosConfig']

const FIELD_EXTENSIONS = new Set([
  ...OF_POTHOS,
  ...['pothosOriginalResolve', 'pothosOriginalSubscribe', 'pothosResolveWrapped', 'pothosSubscribeWrapped'],
  ...['pothosArgMappers', 'pothosExposedField', 'pothosPrismaVariant', 'pothosPrismaSelect'],
  'isFromRow',
])

const TYPE_EXTENSIONS = new Set([
  ...OF_POTHOS,
  ...['pothosPrismaModel', 'pothosPrismaFieldMap', 'pothosPrismaTypeSelection', 'pothosPrismaInclude'],
  ...['pothosPrismaSelect', 'pothosPrismaLoader', 'pothosIndirectInclude', 'kind'],
])

/** Includes those that limit an input before it is validated, on both paths: see read-limits.ts. */
const INPUT_EXTENSIONS = new Set([...OF_POTHOS, 'isPath', 'isSearch', 'isNoCondition', 'hasOwnLimit'])

const ARGUMENT_OPTIONS = new Set(['type', 'required', 'defaultValue', 'description', 'deprecationReason', 'extensions'])

export function refuseUnknownField(field: GraphQLField<unknown, unknown>, coordinate: string) {
  refuseUnknown(field.extensions, FIELD_EXTENSIONS, `${coordinate} has the extension`)
  if (field.astNode) throw new UnsupportedSelection(`${coordinate} was defined in SDL`)
}

export function refuseUnknownType(type: GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType) {
  refuseUnknown(type.extensions, TYPE_EXTENSIONS, `${type.name} has the extension`)
  if (isObjectType(type) && type.isTypeOf) throw new UnsupportedSelection(`${type.name} has isTypeOf`)
  if (type.astNode || type.extensionASTNodes.length > 0)
    throw new UnsupportedSelection(`${type.name} was defined in SDL`)
}

export function refuseUnknownArguments({ args }: GraphQLField<unknown, unknown>, coordinate: string) {
  for (const argument of args) {
    refuseUnknownInput(argument, `${coordinate}(${argument.name}:)`)
    refuseUnknownInputType(argument.type, new Set())
  }
}

function refuseUnknownInputType(given: GraphQLInputType, checked: Set<string>) {
  const type = getNamedType(given)
  if (!isInputObjectType(type) || checked.has(type.name)) return
  checked.add(type.name)
  if (type.astNode || type.extensionASTNodes.length > 0)
    throw new UnsupportedSelection(`${type.name} was defined in SDL`)
  refuseUnknown(type.extensions, INPUT_EXTENSIONS, `${type.name} has the extension`)
  for (const field of Object.values(type.getFields())) {
    refuseUnknownInput(field, `${type.name}.${field.name}`)
    refuseUnknownInputType(field.type, checked)
  }
}

function refuseUnknownInput({ extensions, astNode }: GraphQLArgument | GraphQLInputField, coordinate: string) {
  if (astNode) throw new UnsupportedSelection(`${coordinate} was defined in SDL`)
  refuseUnknown(extensions, INPUT_EXTENSIONS, `${coordinate} has the extension`)
  refuseUnknown(Object(extensions['pothosOptions']) as object, ARGUMENT_OPTIONS, `${coordinate} has the option`)
}

function refuseUnknown(given: object, known: ReadonlySet<string>, what: string) {
  const unknown = Object.keys(given).find((name) => !known.has(name))
  if (unknown !== undefined) throw new UnsupportedSelection(`${what} ${unknown}`)
}
