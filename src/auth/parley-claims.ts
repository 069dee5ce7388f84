import { foldName } from './fold-name.ts'

const PREFIX = 'parley_'

export const AGENTS_CLAIM = 'parley_agents'
export const END_USER_IDS_CLAIM = 'parley_end_user_ids'
export const METADATA_CLAIM = 'parley_metadata'

/** The claims of an issuer's token that Parley reads, besides the registered ones and that of the tenant. */
export const RESTRICTING_CLAIMS: readonly string[] = [AGENTS_CLAIM, END_USER_IDS_CLAIM, METADATA_CLAIM]

/** Whether a claim restricts rows, or looks as if it should: a misspelt restriction must not be ignored. */
export const isParleyClaim = (name: string) => foldName(name).startsWith(PREFIX)
