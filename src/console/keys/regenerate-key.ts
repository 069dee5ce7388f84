import { html, nothing, type PropertyDeclarations } from 'lit'
import type { Mutation } from '../../client/generated/schema-types.ts'
import { define } from '../../embed/define.ts'
import { confirmName } from '../parts/confirm-name.ts'
import { select } from '../parts/fields.ts'
import { nameText } from '../parts/name.ts'
import { warning } from '../parts/notice.ts'
import { SecretDialog } from '../parts/secret-dialog.ts'
import { formatCount, time } from '../parts/text.ts'
import { type Key, REGENERATE_KEY } from './documents.ts'
import { keyFacts } from './key-facts.ts'
import { KeyUse } from './key-use.ts'

const AT_ONCE = '0'
const OVERLAPS = [
  { value: AT_ONCE, label: 'Not at all: it ends at once' },
  { value: '600', label: '10 minutes' },
  { value: '3600', label: '1 hour' },
  { value: '86400', label: '24 hours' },
  { value: '604800', label: '7 days' },
  { value: '2592000', label: '30 days' },
] as const
const DEFAULT_OVERLAP = '86400'

type Answer = Pick<Mutation, 'regenerateApiKey'>

/** Gives a key a new secret. The old secret is accepted for a while, so that nothing breaks until it is replaced. */
export class RegenerateKey extends SecretDialog<Answer> {
  static override properties: PropertyDeclarations = {
    key: { attribute: false },
    overlap: { state: true },
    isConfirmed: { state: true },
    hasChanged: { state: true },
  }

  declare key: Key
  declare overlap: string
  declare isConfirmed: boolean
  /** Whether somebody else has changed the key since the dialog was opened. */
  declare hasChanged: boolean
  protected readonly document = REGENERATE_KEY
  readonly #use = new KeyUse(this)

  constructor() {
    super()
    this.overlap = DEFAULT_OVERLAP
    this.isConfirmed = false
    this.hasChanged = false
  }

  protected get formHeading(): string {
    return `Regenerate “${nameText(this.key.name)}”`
  }

  protected get lossText(): string {
    return `No response arrived: “${nameText(this.key.name)}” may have a new secret that nobody knows. Look at its status before you regenerate it again, because that would end the secret in use.`
  }

  get #isOwn() {
    return this.key.id === this.app.access.keyId
  }

  /** Whether this page has the secret before the current one, which would end. */
  get #isOutdated() {
    return this.#isOwn && this.#use.value !== null && !this.app.api.hasSecret(this.#use.value.hint)
  }

  /** Whether a secret that may be in use ends at once. */
  get #endsSomething() {
    return this.overlap === AT_ONCE || this.#use.hasOlderSecret
  }

  protected renderForm() {
    if (this.#isOutdated) {
      return html`${warning('You are signed in with the previous secret of this key, which would end at once. Sign in with the current secret first.')}`
    }
    return html`<p>The key gets a new secret. Its id, name and scopes stay the same.</p>
      ${keyFacts(this.key)}
      ${
        this.hasChanged
          ? html`<div role="alert">${warning('This key was regenerated while this was open. Read what would happen now.')}</div>`
          : nothing
      }
      ${select({
        name: 'overlap',
        label: 'How long the old secret is still accepted',
        value: this.overlap,
        // If no response arrives, only the old secret can repeat the request.
        choices: OVERLAPS.filter(({ value }) => value !== AT_ONCE || !this.#isOwn),
        onChange: (value) => {
          this.overlap = value
        },
      })}
      ${this.#use.render(this.#endOfTokens)} ${this.#renderWarnings()}
      ${
        this.#endsSomething
          ? confirmName(this.key, (isConfirmed) => {
              this.isConfirmed = isConfirmed
            })
          : nothing
      }`
  }

  get #endOfTokens() {
    if (this.overlap === AT_ONCE) return 'All end at once.'
    const { liveTokenCount = 0, previousSecretLiveTokenCount: endingCount = 0 } = this.#use.value ?? {}
    if (endingCount === 0) return 'All end with the old secret.'
    if (endingCount === liveTokenCount) return 'All end at once, with the even older secret.'
    return `${ending(endingCount)} at once, with the even older secret; ${ending(liveTokenCount - endingCount)} with the old secret.`
  }

  #renderWarnings() {
    const endsAt = this.#use.value?.previousSecretExpiresAt
    return html`${
      this.#use.hasOlderSecret && endsAt
        ? warning(
            html`An even older secret is still accepted until ${time(endsAt)}. It will end at once. This can’t be undone.`,
          )
        : nothing
    }
    ${this.#isOwn ? warning('You are signed in with this key. This page will continue with the new secret.') : nothing}
    ${
      this.overlap === AT_ONCE
        ? warning('Anything that still uses the old secret is refused at once. This can’t be undone.')
        : nothing
    }`
  }

  protected renderSubmit(isSending: boolean) {
    const isReady = this.#use.value !== null && !this.#isOutdated && (this.isConfirmed || !this.#endsSomething)
    return html`<button class=${this.#endsSomething ? 'danger' : 'primary'} ?disabled=${!isReady || isSending}>
      ${isSending ? 'Regenerating…' : 'Regenerate key'}
    </button>`
  }

  protected async readInput() {
    const before = this.#use.value
    if (!before || this.#isOutdated || (this.#endsSomething && !this.isConfirmed)) return null
    await this.#use.load()
    const now = this.#use.value
    if (this.#use.error || now?.regeneratedAt !== before.regeneratedAt) {
      this.hasChanged = !this.#use.error
      return null
    }
    return { id: this.key.id, overlapSeconds: Number(this.overlap) }
  }

  protected outcomeOf({ regenerateApiKey: { secret, apiKey } }: Answer) {
    if (this.#isOwn) this.app.api.replaceKey(secret)
    const endsAt = apiKey.previousSecretExpiresAt
    const fact = endsAt
      ? html`The old secret is accepted for <console-countdown .app=${this.app} .until=${endsAt}></console-countdown>.`
      : 'The old secret is refused from now on.'
    return { secret, name: apiKey.name, announcement: `The key “${nameText(apiKey.name)}” has a new secret.`, fact }
  }
}

define('console-regenerate-key', RegenerateKey)

const ending = (count: number) => `${formatCount(count)} ${count === 1 ? 'ends' : 'end'}`
