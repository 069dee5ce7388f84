import type { Channel, Direction, Outcome, Resolution } from '../database/generated/client/enums.ts'
import type { InputPath } from '../errors.ts'
import { checkLength, unlessBlank } from '../input/check-input.ts'
import { LIMITS } from '../input/limits.ts'

/**
 * The fields of a conversation that are one column each. Inputs, rows, updates, the fields of the type Conversation, filters
 * and the groups of series are all made from this table: see README.md for how to add one.
 */
export const PLAIN_FIELDS = {
  channel: {
    column: 'channel',
    type: 'Channel',
    description: 'Channel the conversation took place on.',
    filter: { name: 'channels', description: 'Took place on one of these channels.' },
    dimension: { name: 'CHANNEL', description: 'Its channel.' },
  },
  direction: {
    column: 'direction',
    type: 'Direction',
    description: 'Which side started it.',
    filter: { name: 'directions', description: 'Has one of these directions.' },
    dimension: { name: 'DIRECTION', description: 'Its direction.' },
  },
  campaign: {
    column: 'campaign',
    type: 'String',
    maxLength: LIMITS.name,
    description: 'The campaign it belongs to, up to 256 characters.',
    filter: { name: 'campaigns', description: 'Belongs to one of these campaigns.' },
    dimension: { name: 'CAMPAIGN', description: 'Its campaign.' },
  },
  endUserId: {
    column: 'end_user_id',
    type: 'String',
    maxLength: LIMITS.name,
    isNullIfBlank: true,
    description: "The caller's own id for the end user, up to 256 characters.",
    filter: { name: 'endUserIds', description: 'Has one of these end user ids.' },
    dimension: { name: 'END_USER', description: "The caller's own id for its end user." },
  },
  companyName: {
    column: 'company_name',
    type: 'String',
    maxLength: LIMITS.name,
    description: "The end user's company, up to 256 characters.",
    filter: { name: 'companyNames', description: "The end user's company is one of these." },
    dimension: { name: 'COMPANY_NAME', description: "The end user's company." },
  },
  model: {
    column: 'model',
    type: 'String',
    maxLength: LIMITS.name,
    isNullIfBlank: true,
    description: 'The language model that answered, up to 256 characters.',
    filter: { name: 'models', description: 'Was answered by one of these models.' },
    dimension: { name: 'MODEL', description: 'Its model.' },
  },
  title: {
    column: 'title',
    type: 'String',
    maxLength: LIMITS.name,
    isRedacted: true,
    description: 'Its title, such as the subject of a ticket, up to 256 characters.',
  },
  description: {
    column: 'description',
    type: 'String',
    maxLength: LIMITS.text,
    isRedacted: true,
    description: 'What it is about, in free text, up to 10,000 characters.',
  },
  feedback: {
    column: 'feedback',
    type: 'String',
    maxLength: LIMITS.text,
    isRedacted: true,
    description: 'Feedback from the end user, in free text, up to 10,000 characters.',
  },
  endReason: {
    column: 'end_reason',
    type: 'String',
    maxLength: LIMITS.name,
    isNullIfBlank: true,
    description:
      "Why it ended, in the caller's or the provider's words, such as customer-ended-call; up to 256 characters.",
    filter: { name: 'endReasons', description: 'Ended for one of these reasons.' },
    dimension: { name: 'END_REASON', description: 'Why it ended.' },
  },
  outcome: {
    column: 'outcome',
    type: 'Outcome',
    description: 'Who or what handled it in the end.',
    filter: { name: 'outcomes', description: 'Has one of these outcomes.' },
    dimension: { name: 'OUTCOME', description: 'Its outcome.' },
  },
  resolution: {
    column: 'resolution',
    type: 'Resolution',
    description: 'What it achieved for the end user.',
    filter: { name: 'resolutions', description: 'Has one of these resolutions.' },
    dimension: { name: 'RESOLUTION', description: 'Its resolution.' },
  },
} as const satisfies Record<string, PlainField>

export interface PlainField {
  column: string
  /** A GraphQL type; an enum of the database has the same name in snake case. */
  type: keyof ValueTypes
  /** Of a String, in characters. */
  maxLength?: number
  /** A blank String counts as none. */
  isNullIfBlank?: true
  /** Personal data is replaced, if the tenant wants it so. */
  isRedacted?: true
  description: string
  /** The field of ConversationFilter that lists accepted values. */
  filter?: { name: string; description: string }
  /** The value of SeriesDimension that groups by it. */
  dimension?: { name: string; description: string }
}

/** The values of each type. */
interface ValueTypes {
  String: string
  Channel: Channel
  Direction: Direction
  Outcome: Outcome
  Resolution: Resolution
}

type Table = typeof PLAIN_FIELDS
export type PlainName = keyof Table
type Maybe<Value> = Value | null | undefined
type ValueOf<Name extends PlainName> = ValueTypes[Table[Name]['type']]
type WithFilter = { [Name in PlainName]: Table[Name] extends { filter: object } ? Name : never }[PlainName]
type WithDimension = { [Name in PlainName]: Table[Name] extends { dimension: object } ? Name : never }[PlainName]

/** As callers give them. */
export type PlainValues = { [Name in PlainName]?: Maybe<ValueOf<Name>> }
/** As the table `conversations` has them. */
export type PlainColumns = { [Name in PlainName as Table[Name]['column']]: Maybe<ValueOf<Name>> }
/** Conditions of a filter. */
export type PlainFilter = { [Name in WithFilter as Table[Name]['filter']['name']]?: Maybe<ValueOf<Name>[]> }
export type PlainDimension = Table[WithDimension]['dimension']['name']

export const plainEntries = Object.entries(PLAIN_FIELDS) as [PlainName, PlainField][]

/** The type of a field's column. */
export const columnType = ({ type }: PlainField) => (type === 'String' ? 'text' : type.toLowerCase())

export function checkPlainFields(values: PlainValues, path: InputPath): void {
  for (const [name, { maxLength }] of plainEntries)
    if (maxLength !== undefined) checkLength(values[name], maxLength, [...path, name])
}

/** The columns of a new row. */
export const toPlainColumns = (values: PlainValues): PlainColumns =>
  Object.fromEntries(plainEntries.map(([name, field]) => [field.column, stored(values[name], field)])) as PlainColumns

/** What an update changes, by the names of the fields: what is absent is kept, and null clears. */
export const toPlainChanges = (values: PlainValues): PlainValues =>
  Object.fromEntries(
    plainEntries.flatMap(([name, field]) => (values[name] === undefined ? [] : [[name, stored(values[name], field)]])),
  )

const stored = (value: Maybe<string>, { isNullIfBlank }: PlainField) => (isNullIfBlank ? unlessBlank(value) : value)
