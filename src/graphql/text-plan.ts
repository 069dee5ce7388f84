import { GraphQLEnumType, type GraphQLField, getNamedType, isNonNullType } from 'graphql'
import type { Context } from '../context.ts'
import type { Kind, RowText, TextPart } from '../database/row-text.ts'
import { encodeId, type IdType } from '../domain/ids.ts'
import type { FieldPlan, ObjectPlan, ValuePlan } from './read-plan.ts'

/** In the extensions of a type: which rows of its table are of it. */
export interface OfKind {
  kind: Kind
}

/** In the extensions of a field that answers a column as it stands, where Pothos does not say so: what it exposes is known. */
export interface OfColumn {
  column: string
  /** It is a UUID, and the field answers the id of this type. */
  idOf?: IdType
  /** Null without the scope INTERNALS_READ. */
  isInternal?: boolean
}

/** How the database writes the rows of a plan as they are answered; null where some field is more than a column. */
export function rowTextOf(value: ValuePlan, place: string, context: Context): RowText | null {
  if (value.kind !== 'object') return null
  const forms = value.plans.flatMap((plan) => formOf(plan, context) ?? [])
  return forms.length === value.plans.length ? { place, forms, encodeId } : null
}

function formOf({ type, fields }: ObjectPlan, context: Context): RowText['forms'][number] | null {
  const { kind = null } = type.extensions as Partial<OfKind>
  const parts: TextPart[] = []
  let literal = ''
  for (const [i, field] of fields.entries()) {
    literal += `${i === 0 ? '{' : ','}"${field.key}":`
    const part = partOf(field, type.name, context)
    if (part === null) return null
    if (typeof part === 'string') literal += part
    else {
      parts.push(literal, part)
      literal = ''
    }
  }
  return { kind, parts: [...parts, `${literal}${fields.length === 0 ? '{' : ''}}`] }
}

function partOf({ field, value }: FieldPlan, typeName: string, context: Context): TextPart | null {
  if (field.name === '__typename') return `"${typeName}"`
  const column = columnOf(field)
  if (column?.idOf) return { uuid: column.column, idOf: column.idOf }
  if (!column || !isLeaf(value) || !isWrittenAlike(field)) return null
  const isNullable = !isNonNullType(field.type)
  if (column.isInternal && !context.has('INTERNALS_READ')) return isNullable ? 'null' : null
  return { column: column.column, isNullable }
}

/** The column that a field answers as it stands; null: it is more than a column. */
export function columnOf({ extensions }: GraphQLField<unknown, unknown>): OfColumn | null {
  const {
    pothosExposedField: exposed,
    column = exposed,
    ...more
  } = extensions as Partial<OfColumn> & {
    pothosExposedField?: string
  }
  return column === undefined ? null : { column, ...more }
}

const isLeaf = (value: ValuePlan): boolean => value.kind === 'leaf' || (value.kind !== 'object' && isLeaf(value.of))

/** Whether PostgreSQL's JSON of the column is that of the field's type. */
function isWrittenAlike({ type }: GraphQLField<unknown, unknown>): boolean {
  const named = getNamedType(type)
  if (named instanceof GraphQLEnumType) return named.getValues().every(({ name, value }) => name === value)
  return WRITTEN_ALIKE.has(named.name)
}

const WRITTEN_ALIKE = new Set(['Boolean', 'DateTime', 'Float', 'Int', 'JSON', 'JSONObject', 'String'])
