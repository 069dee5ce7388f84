import { html, type TemplateResult } from 'lit'
import type { Scope } from '../../client/generated/schema-types.ts'
import type { Access } from '../access.ts'
import { checkList } from './fields.ts'

/** What each scope allows, for whoever grants it. */
export const SCOPE_TEXTS: Readonly<Record<Scope, { label: string; hint: string }>> = {
  ANALYTICS_READ: { label: 'Read analytics', hint: 'Charts, key figures, end users and retention.' },
  CONVERSATIONS_READ: { label: 'Read conversations', hint: 'Conversations, messages and agents.' },
  INTERNALS_READ: {
    label: 'Read internals',
    hint: 'System prompts, internal events, and the inputs, outputs and thoughts of tool calls.',
  },
  CONVERSATIONS_WRITE: { label: 'Write conversations', hint: 'Log and update conversations and agents.' },
  CONVERSATIONS_ERASE: { label: 'Delete conversations', hint: 'Permanently, with their transcripts.' },
  EMBED_TOKENS_CREATE: {
    label: 'Create embed tokens',
    hint: 'Short-lived tokens for a page, never with more rights than the key. Also revokes all tokens of a tenant.',
  },
  ADMIN: {
    label: 'Administer',
    hint: 'Tenants, API keys, token issuers and the audit log. Account keys only.',
  },
}

export const SCOPES = Object.keys(SCOPE_TEXTS) as Scope[]
export const TOKEN_SCOPES: readonly Scope[] = ['ANALYTICS_READ', 'CONVERSATIONS_READ', 'INTERNALS_READ']

/** Scopes as badges. */
export const scopeBadges = (scopes: readonly Scope[]): TemplateResult =>
  html`<ul class="badges">
    ${scopes.map((scope) => html`<li class="badge" title=${SCOPE_TEXTS[scope].hint}>${SCOPE_TEXTS[scope].label}</li>`)}
  </ul>`

export interface ScopeListOptions {
  checked: readonly Scope[]
  /** The scopes that can be granted. */
  offered: readonly Scope[]
  problem: string | null
  hint?: string
  onChange?: () => void
}

/** Checkboxes for those scopes that the signed-in key has itself: a key can grant no others. */
export const scopeList = (
  { scopes }: Access,
  { checked, offered, problem, hint, onChange }: ScopeListOptions,
): TemplateResult =>
  checkList({
    name: 'scopes',
    label: 'Scopes',
    ...(hint ? { hint } : {}),
    problem,
    ...(onChange ? { onChange } : {}),
    checks: offered
      .filter((scope) => scopes.has(scope))
      .map((scope) => ({ value: scope, ...SCOPE_TEXTS[scope], checked: checked.includes(scope) })),
  })
