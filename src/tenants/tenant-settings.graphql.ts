import { badInput } from '../errors.ts'
import { builder } from '../graphql/builder.ts'

const TOLD = 'Values that the caller gives are never replaced, and only `updateMessages` changes derived values.'

/** The columns of a tenant that say what is derived. */
interface DerivationColumns {
  derivesSentiment: boolean
  derivesLanguage: boolean
  derivesTokenCount: boolean
  derivesCost: boolean
}

const DESCRIPTIONS = {
  sentiment: 'Whether the sentiment of user messages in English is derived.',
  language: 'Whether the language of messages is derived, if they are long enough to tell.',
  tokenCount: 'Whether the length of messages in tokens is derived.',
  cost: 'Whether the cost of messages is derived from their tokens, if their model is known.',
}

export const Enrichment = builder.objectRef<DerivationColumns>('Enrichment').implement({
  description: `What is derived for new messages if the caller gives no value. ${TOLD}`,
  fields: (t) => ({
    sentiment: t.exposeBoolean('derivesSentiment', { description: DESCRIPTIONS.sentiment }),
    language: t.exposeBoolean('derivesLanguage', { description: DESCRIPTIONS.language }),
    tokenCount: t.exposeBoolean('derivesTokenCount', { description: DESCRIPTIONS.tokenCount }),
    cost: t.exposeBoolean('derivesCost', { description: DESCRIPTIONS.cost }),
  }),
})

export const EnrichmentInput = builder.inputType('EnrichmentInput', {
  description:
    'What to derive for new messages if the caller gives no value. Absent or null fields keep their value; in a new tenant, they are true.',
  fields: (t) => ({
    sentiment: t.boolean({ required: false, description: DESCRIPTIONS.sentiment }),
    language: t.boolean({ required: false, description: DESCRIPTIONS.language }),
    tokenCount: t.boolean({ required: false, description: DESCRIPTIONS.tokenCount }),
    cost: t.boolean({ required: false, description: DESCRIPTIONS.cost }),
  }),
})

type Maybe<Value> = Value | null | undefined

interface GivenSettings {
  enrichment?: Maybe<{
    sentiment?: Maybe<boolean>
    language?: Maybe<boolean>
    tokenCount?: Maybe<boolean>
    cost?: Maybe<boolean>
  }>
  redactsPersonalData?: Maybe<boolean>
}

/** The columns of the settings that are given. */
export function derivationColumns({ enrichment, redactsPersonalData }: GivenSettings) {
  const columns = {
    derivesSentiment: enrichment?.sentiment,
    derivesLanguage: enrichment?.language,
    derivesTokenCount: enrichment?.tokenCount,
    derivesCost: enrichment?.cost,
    redactsPersonalData,
  }
  const given = Object.entries(columns).filter((entry): entry is [string, boolean] => entry[1] != null)
  return Object.fromEntries(given) as Partial<Record<keyof typeof columns, boolean>>
}

export const ABANDONS =
  'After how many minutes an open conversation that nothing is written to is closed as ABANDONED; 0: never. The next append opens such a conversation again.'
export const ABANDON_LIMIT = 'At most 525,600 (a year).'

const MAX_ABANDON_MINUTES = 525_600

export function abandonColumns({ abandonAfterMinutes: minutes }: { abandonAfterMinutes?: Maybe<number> }): {
  abandonAfterMinutes?: number
} {
  if (minutes == null) return {}
  if (minutes < 0 || minutes > MAX_ABANDON_MINUTES)
    throw badInput(['input', 'abandonAfterMinutes'], `must be between 0 and ${MAX_ABANDON_MINUTES}.`)
  return { abandonAfterMinutes: minutes }
}
