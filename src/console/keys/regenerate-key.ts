import { html, nothing, type PropertyDeclarations } from 'lit'
import type { Mutation } from '../../client/generated/schema-types.ts'
import { define } from '../../embed/define.ts'
import { confirmName } from '../parts/confirm-name.ts'
import { select } from '../parts/fields.ts'
import { nameText } from '../parts/name.ts'
import { warning } from '../parts/notice.ts'
import { SecretDialog } from '../parts/secret-dialog.ts'
import { time } from '../parts/text.ts'
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

/** Gives a key a new secret. The old secret is accepted for a while, so that nothing breaks until it is replaced. */
export class RegenerateKey extends SecretDialog {
  static override properties: PropertyDeclarations = {
    key: { attribute: false },
    overlap: { state: true },
    isConfirmed: { state: true },
  }

  declare key: Key
  declare overlap: string
  declare isConfirmed: boolean
  readonly #use = new KeyUse(this)

  constructor() {
    super()
    this.overlap = DEFAULT_OVERLAP
    this.isConfirmed = false
  }

  protected get formHeading(): string {
    return `Regenerate “${nameText(this.key.name)}”`
  }

  get #isOwn() {
    return this.key.id === this.app.access.keyId
  }

  get #mayRun() {
    return this.#use.value !== null && (this.isConfirmed || this.overlap !== AT_ONCE)
  }

  protected renderForm() {
    const isAtOnce = this.overlap === AT_ONCE
    const end = isAtOnce ? 'at once' : 'with the old secret'
    return html`<p>The key gets a new secret. Its id, name and scopes stay the same.</p>
      ${keyFacts(this.key)}
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
      ${this.#use.render(end)} ${this.#renderWarnings()}
      ${
        isAtOnce
          ? confirmName(this.key, (isConfirmed) => {
              this.isConfirmed = isConfirmed
            })
          : nothing
      }`
  }

  #renderWarnings() {
    const endsAt = this.#use.value?.previousSecretExpiresAt
    const hasOlder = endsAt && Date.parse(endsAt) > this.app.api.now()
    return html`${
      hasOlder
        ? warning(html`An even older secret is still accepted until ${time(endsAt)}. It will end at once.`)
        : nothing
    }
    ${this.#isOwn ? warning('You are signed in with this key. This page will continue with the new secret.') : nothing}
    ${
      this.overlap === AT_ONCE
        ? warning('Anything that still uses the old secret is refused at once. This can’t be undone.')
        : nothing
    }`
  }

  protected renderSubmit() {
    const { isSending } = this.submission
    return html`<button class=${this.overlap === AT_ONCE ? 'danger' : 'primary'} ?disabled=${!this.#mayRun || isSending}>
      ${isSending ? 'Regenerating…' : 'Regenerate key'}
    </button>`
  }

  protected override async submit() {
    if (!this.#mayRun) return
    const input = { id: this.key.id, overlapSeconds: Number(this.overlap) }
    const answer = await this.send<Pick<Mutation, 'regenerateApiKey'>>(REGENERATE_KEY, input)
    if (!answer) return
    const { secret, apiKey } = answer.regenerateApiKey
    if (this.#isOwn) this.app.api.replaceKey(secret)
    const endsAt = apiKey.previousSecretExpiresAt
    const fact = endsAt
      ? html`The old secret is accepted for <console-countdown .app=${this.app} .until=${endsAt}></console-countdown>.`
      : 'The old secret is refused from now on.'
    this.show(secret, { name: apiKey.name, announcement: `The key “${nameText(apiKey.name)}” has a new secret.`, fact })
  }
}

define('console-regenerate-key', RegenerateKey)
