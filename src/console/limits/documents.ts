import type { Limits, Viewer } from '../../client/generated/schema-types.ts'

/** Who is signed in, and the limits that apply to them. */
export interface LimitsAnswer {
  viewer: Viewer
  limits: Limits
}

export const LIMITS = `query ConsoleLimits {
  viewer { kind credentialId name scopes expiresAt tenant { id name } }
  limits {
    maxAnswerBytes maxBodyBytes maxJsonValues maxJsonDepth
    maxDocumentCharacters maxDocumentTokens maxDepth maxSelections maxRootFields maxAliases maxDirectives maxOverlaps
    maxCost defaultPageSize maxPageSize maxMessagesPerCall maxConversationsPerCall maxMetadataBytes maxSeriesPoints
    embed { version }
    rateLimits { policy limit remaining resetsInSeconds }
  }
}`
