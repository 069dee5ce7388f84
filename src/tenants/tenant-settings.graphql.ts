import type { DerivedField as DerivedFieldName } from '../database/generated/client/enums.ts'
import { builder } from '../graphql/builder.ts'
import { FROM_ROW } from '../graphql/read-extensions.ts'
import type { RedactionCounts } from '../messages/redaction/redact-text.ts'

const TOLD = 'Not derived where the caller gave it, and never changed afterwards.'

export const DerivedField = builder.enumType('DerivedField', {
  description: `What Parley may fill in of a message. ${TOLD}`,
  values: {
    SENTIMENT: { description: '`sentiment`, of user messages in English.' },
    LANGUAGE: { description: '`language`, where the text is long enough to tell.' },
    TOKEN_COUNT: { description: "`tokenCount`, by GPT-4o's encoding (o200k_base)." },
    COST: { description: '`cost`, by the price of the model at the time.' },
  } satisfies Record<DerivedFieldName, { description: string }>,
})

/** An object and no list, which would count for ten in what a query may cost. */
export const Redactions = builder.objectRef<RedactionCounts>('Redactions').implement({
  description: 'How many of each kind were taken out of a message before it was stored, and what stands there instead.',
  fields: (t) => ({
    emailAddresses: t.int({
      description: 'E-mail addresses: `email@example.com`.',
      extensions: FROM_ROW,
      resolve: (counts) => counts.emailAddresses ?? 0,
    }),
    cardNumbers: t.int({
      description: 'Payment card numbers: `1111 1111 1111 1111`.',
      extensions: FROM_ROW,
      resolve: (counts) => counts.cardNumbers ?? 0,
    }),
    usSocialSecurityNumbers: t.int({
      description: 'US Social Security numbers: `000-00-0000`.',
      extensions: FROM_ROW,
      resolve: (counts) => counts.usSocialSecurityNumbers ?? 0,
    }),
    ukNationalInsuranceNumbers: t.int({
      description: 'UK National Insurance numbers: `QQ 12 34 56 C`.',
      extensions: FROM_ROW,
      resolve: (counts) => counts.ukNationalInsuranceNumbers ?? 0,
    }),
  }),
})

/** The columns of a tenant that say what is derived. */
interface DerivationColumns {
  derivesSentiment: boolean
  derivesLanguage: boolean
  derivesTokenCount: boolean
  derivesCost: boolean
}

const DESCRIPTIONS = {
  sentiment: 'The sentiment of user messages in English.',
  language: 'The language of messages long enough to tell.',
  tokenCount: 'The length of messages in tokens.',
  cost: 'The cost of messages whose model is known, from their tokens.',
}

export const Derivation = builder.objectRef<DerivationColumns>('Derivation').implement({
  description: `What is derived of new messages where the caller gives nothing. ${TOLD}`,
  fields: (t) => ({
    sentiment: t.exposeBoolean('derivesSentiment', { description: DESCRIPTIONS.sentiment }),
    language: t.exposeBoolean('derivesLanguage', { description: DESCRIPTIONS.language }),
    tokenCount: t.exposeBoolean('derivesTokenCount', { description: DESCRIPTIONS.tokenCount }),
    cost: t.exposeBoolean('derivesCost', { description: DESCRIPTIONS.cost }),
  }),
})

export const DerivationInput = builder.inputType('DerivationInput', {
  description: 'What to derive of new messages where the caller gives nothing. Absent keeps; at first all of it.',
  fields: (t) => ({
    sentiment: t.boolean({ required: false, description: DESCRIPTIONS.sentiment }),
    language: t.boolean({ required: false, description: DESCRIPTIONS.language }),
    tokenCount: t.boolean({ required: false, description: DESCRIPTIONS.tokenCount }),
    cost: t.boolean({ required: false, description: DESCRIPTIONS.cost }),
  }),
})

type Maybe<Value> = Value | null | undefined

interface GivenSettings {
  derivation?: Maybe<{
    sentiment?: Maybe<boolean>
    language?: Maybe<boolean>
    tokenCount?: Maybe<boolean>
    cost?: Maybe<boolean>
  }>
  redactsPersonalData?: Maybe<boolean>
}

/** The columns of what is given. */
export function derivationColumns({ derivation, redactsPersonalData }: GivenSettings) {
  const columns = {
    derivesSentiment: derivation?.sentiment,
    derivesLanguage: derivation?.language,
    derivesTokenCount: derivation?.tokenCount,
    derivesCost: derivation?.cost,
    redactsPersonalData,
  }
  const given = Object.entries(columns).filter((entry): entry is [string, boolean] => entry[1] != null)
  return Object.fromEntries(given) as Partial<Record<keyof typeof columns, boolean>>
}
