import {
  GraphQLBoolean,
  GraphQLEnumType,
  type GraphQLField,
  GraphQLFloat,
  GraphQLInt,
  GraphQLScalarType,
  GraphQLString,
  getNamedType,
  isNonNullType,
} from 'graphql'
import { JSONObjectResolver, JSONResolver } from 'graphql-scalars'
import type { Context } from '../context.ts'
import type { OfKind } from '../graphql/read-extensions.ts'
import { type Column, rowResolverOf } from '../graphql/read-extensions.ts'
import { DateTime } from '../graphql/scalars.ts'
import { encodeId } from '../input/ids.ts'
import type { JsonTemplate, TextPart } from '../rows/row-text.sql.ts'
import { type FieldPlan, type ObjectPlan, rowResolver, type ValuePlan } from './query-plan.ts'

/** How the database writes the rows of a plan as they are answered; null if some field is more than a column. */
export function rowTextOf(value: ValuePlan, place: string, rights: Pick<Context, 'has'>): JsonTemplate | null {
  if (value.kind !== 'object') return null
  const forms = value.plans.flatMap((plan) => formOf(plan, rights) ?? [])
  return forms.length === value.plans.length ? { place, variants: forms, encodeId } : null
}

function formOf({ type, fields }: ObjectPlan, rights: Pick<Context, 'has'>): JsonTemplate['variants'][number] | null {
  const { kind = null } = type.extensions as Partial<OfKind>
  const parts: TextPart[] = []
  const columns = new Set<string>()
  let literal = ''
  for (const [i, field] of fields.entries()) {
    literal += `${i === 0 ? '{' : ','}"${field.key}":`
    const part = partOf(field, type.name, rights)
    if (part === null) return null
    // A column that is returned under several names is fetched once, and written by this process, which counts it.
    if (typeof part !== 'string') {
      const name = 'column' in part ? part.column : part.uuid
      if (columns.has(name)) return null
      columns.add(name)
    }
    if (typeof part === 'string') literal += part
    else {
      parts.push(literal, part)
      literal = ''
    }
  }
  return { kind, parts: [...parts, `${literal}${fields.length === 0 ? '{' : ''}}`] }
}

function partOf({ field, column, value }: FieldPlan, typeName: string, rights: Pick<Context, 'has'>): TextPart | null {
  if (field.name === '__typename') return `"${typeName}"`
  if (!column || !isLeaf(value)) return null
  if (column.idOf) return { uuid: column.column, idOf: column.idOf }
  if (!isWrittenAlike(field)) return null
  const isNullable = !isNonNullType(field.type)
  if (column.isInternal && !rights.has('INTERNALS_READ')) return isNullable ? 'null' : null
  return { column: column.column, isNullable }
}

/** The column that a field returns unchanged; null if it is more than a column. */
export function columnOf(field: GraphQLField<unknown, unknown>): Column | null {
  const resolve = rowResolver(field)
  return (resolve && rowResolverOf(resolve)?.column) ?? null
}

const isLeaf = (value: ValuePlan): boolean => value.kind === 'leaf' || (value.kind !== 'object' && isLeaf(value.of))

/** Whether PostgreSQL writes the column as the same JSON as the field's type. */
function isWrittenAlike({ type }: GraphQLField<unknown, unknown>): boolean {
  const named = getNamedType(type)
  if (named instanceof GraphQLScalarType) return WRITTEN_ALIKE.get(named.name) === named.serialize
  return (
    named instanceof GraphQLEnumType &&
    named.serialize === GraphQLEnumType.prototype.serialize &&
    named.getValues().every(({ name, value }) => name === value)
  )
}

const WRITTEN_ALIKE = new Map(
  [GraphQLBoolean, DateTime, GraphQLFloat, GraphQLInt, JSONResolver, JSONObjectResolver, GraphQLString].map(
    ({ name, serialize }) => [name, serialize],
  ),
)
