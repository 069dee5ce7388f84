import { foldName } from './fold-name.ts'

export const AGENTS_CLAIM = 'parley_agents'
export const END_USER_IDS_CLAIM = 'parley_end_user_ids'
export const METADATA_CLAIM = 'parley_metadata'
export const DOCUMENTS_CLAIM = 'parley_documents'

/** The claims of an issuer's token that Parley reads, besides the registered ones and that of the tenant. */
export const RESTRICTING_CLAIMS: readonly string[] = [AGENTS_CLAIM, END_USER_IDS_CLAIM, METADATA_CLAIM, DOCUMENTS_CLAIM]

/** Whether a claim restricts a token, or looks as if it should: a misspelt restriction must not be ignored. */
export function isParleyClaim(name: string): boolean {
  const folded = foldName(name)
  if (folded === 'parley') return false
  const letters = folded.replace(/[^\p{L}]/gu, '')
  // Letters of other scripts can look the same.
  return letters.startsWith('parley') || (/[^a-z]/.test(letters) && LIKE_RESTRICTING.test(letters))
}

const LIKE_RESTRICTING = /(agents|enduserids|metadata|documents)$/
