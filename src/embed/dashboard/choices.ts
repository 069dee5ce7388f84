import type {
  ConversationFacet,
  ConversationFacetField,
  ConversationFilter,
  TimeRange,
} from '../../client/generated/schema-types.ts'

/** What a reader can choose in a filter bar, besides the range. */
export const FACET_FIELDS = ['CHANNEL', 'AGENT', 'STATUS'] as const satisfies ConversationFacetField[]
export type FacetField = (typeof FACET_FIELDS)[number]

export interface Choice {
  value: string
  label: string
}

/** What can be chosen, by field. */
export type Choices = Record<FacetField, readonly Choice[]>

/** Of a condition that no single choice stands for, such as two channels. */
export const SEVERAL = '…'

/** The values that the filter selects in the field. */
export function selectedValues(filter: ConversationFilter | null, field: FacetField): readonly string[] {
  if (field === 'CHANNEL') return filter?.channels ?? []
  if (field === 'STATUS') return filter?.statuses ?? []
  return (filter?.agents ?? []).map(({ id, externalId }) => id ?? externalId ?? '')
}

/** The choice that stands for what the filter selects in the field. Empty: all. */
export function choiceOf(filter: ConversationFilter | null, field: FacetField): string {
  const [value = '', ...others] = selectedValues(filter, field)
  return others.length > 0 ? SEVERAL : value
}

/** The filter with another choice in the field. Whatever else it says stays. */
export function choose(filter: ConversationFilter | null, field: FacetField, value: string): ConversationFilter | null {
  const chosen = { ...filter }
  if (field === 'CHANNEL') delete chosen.channels
  if (field === 'STATUS') delete chosen.statuses
  if (field === 'AGENT') delete chosen.agents
  if (value && field === 'CHANNEL') chosen.channels = [value] as NonNullable<ConversationFilter['channels']>
  if (value && field === 'STATUS') chosen.statuses = [value] as NonNullable<ConversationFilter['statuses']>
  if (value && field === 'AGENT') chosen.agents = [{ id: value }]
  return Object.keys(chosen).length > 0 ? chosen : null
}

/** The filter without what is chosen in any of the fields: what else could be chosen is looked for in these. */
export const withoutChoices = (filter: ConversationFilter | null): ConversationFilter | null =>
  FACET_FIELDS.reduce((rest, field) => choose(rest, field, ''), filter)

/** Numbers don't count tests, unless the filter says so; nor does what is listed beside them have any. */
export const withoutTests = (filter: ConversationFilter | null): ConversationFilter => ({
  ...filter,
  isTest: filter?.isTest ?? false,
})

/** The conversations that the numbers of a range count: those that began in it. */
export function countedIn(filter: ConversationFilter | null, startedAt: TimeRange): ConversationFilter {
  const counted = withoutTests(filter)
  // A range of the filter itself is not replaced, but narrowed.
  return counted.startedAt ? { and: [counted, { startedAt }] } : { ...counted, startedAt }
}

export const choicesOf = (facets: readonly ConversationFacet[]): Choices => {
  const of = (field: FacetField) =>
    (facets.find((facet) => facet.field === field)?.topValues ?? []).map(({ key, label }) => ({
      value: String(key),
      label,
    }))
  return { CHANNEL: of('CHANNEL'), AGENT: of('AGENT'), STATUS: of('STATUS') }
}

export const NO_CHOICES: Choices = { CHANNEL: [], AGENT: [], STATUS: [] }
