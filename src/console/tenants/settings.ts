import type { CreateTenantInput, Enrichment, RedactionPatternInput } from '../../client/generated/schema-types.ts'

export interface Settings {
  timeZone: string
  allowedOrigins: readonly string[]
  enrichment: Omit<Enrichment, '__typename'>
  redactsPersonalData: boolean
  redactsPhoneNumbers: boolean
  phoneRegion?: string | null | undefined
  redactsIbans: boolean
  redactionPatterns?: readonly RedactionPatternInput[]
  abandonAfterMinutes: number
}

/** The server's defaults for a new tenant. */
export const DEFAULTS: Settings = {
  timeZone: 'UTC',
  allowedOrigins: [],
  enrichment: { sentiment: true, language: true, tokenCount: true, cost: true },
  redactsPersonalData: true,
  redactsPhoneNumbers: false,
  phoneRegion: null,
  redactsIbans: false,
  redactionPatterns: [],
  abandonAfterMinutes: 0,
}

/** The settings that were changed, as mutations accept them. */
export function changesOf(before: Settings, after: Settings): Partial<Omit<CreateTenantInput, 'id' | 'name'>> {
  const { enrichment, phoneRegion, ...changes } = changedIn(before, after)
  return {
    ...(changes as Partial<Omit<CreateTenantInput, 'id' | 'name'>>),
    ...(enrichment ? { enrichment: changedIn(before.enrichment, after.enrichment) } : {}),
    // Null would leave it unchanged.
    ...(phoneRegion === undefined ? {} : { phoneRegion: phoneRegion ?? '' }),
  }
}

/** The properties whose values differ. */
function changedIn<T extends object>(before: T, after: T): Partial<T> {
  const old: Partial<Record<string, unknown>> = { ...before }
  const entries = Object.entries(after).filter(([name, value]) => !isSame(value, old[name]))
  return Object.fromEntries(entries) as Partial<T>
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null)
