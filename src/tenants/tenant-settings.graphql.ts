import { builder } from '../graphql/builder.ts'

const TOLD = 'Not derived where the caller gave it, and never changed afterwards.'

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
