import type { InputFieldRef } from '@pothos/core'
import type { InputFields, Types } from '../graphql/builder.ts'
import { anyOf } from '../graphql/filter-lists.ts'
import { Channel, Direction, Outcome, Resolution } from './conversation-enums.graphql.ts'
import { type PlainFilter, type PlainValues, plainEntries } from './plain-fields.ts'

/** The GraphQL types of plain fields. */
export const PLAIN_TYPES = { String: 'String', Channel, Direction, Outcome, Resolution } as const

type RefsOf<Values> = { [Name in keyof Values]-?: InputFieldRef<Types, Values[Name]> }

/** For the inputs that log and update conversations. */
export const plainInputFields = (t: InputFields) =>
  Object.fromEntries(
    plainEntries.map(([name, { type, description }]) => [
      name,
      t.field({ type: PLAIN_TYPES[type], required: false, description }),
    ]),
  ) as RefsOf<PlainValues>

/** For ConversationFilter. */
export const plainFilterFields = (t: InputFields) =>
  Object.fromEntries(
    plainEntries.flatMap(([, { type, filter }]) =>
      filter
        ? [
            [
              filter.name,
              t.field({ type: [PLAIN_TYPES[type]], required: false, description: anyOf(filter.description) }),
            ],
          ]
        : [],
    ),
  ) as RefsOf<PlainFilter>
