import { html, nothing, type PropertyDeclarations } from 'lit'
import { define } from '../../embed/define.ts'
import { confirmName } from '../parts/confirm-name.ts'
import { DialogPart } from '../parts/dialog-part.ts'
import { nameText } from '../parts/name.ts'
import { failureNotice, warning } from '../parts/notice.ts'
import { Submission } from '../parts/submission.ts'
import { type Key, REVOKE_KEY } from './documents.ts'
import { keyFacts } from './key-facts.ts'
import { KeyUse } from './key-use.ts'

/** Ends a key for good. */
export class RevokeKey extends DialogPart {
  static override properties: PropertyDeclarations = {
    key: { attribute: false },
    onDone: { attribute: false },
    isConfirmed: { state: true },
  }

  declare key: Key
  declare onDone: () => void
  declare isConfirmed: boolean
  readonly #use = new KeyUse(this)
  readonly #submission = new Submission(this, { isRepeatable: true })

  constructor() {
    super()
    this.isConfirmed = false
  }

  protected heading(): string {
    return `Revoke “${nameText(this.key.name)}”`
  }

  get #isOwn() {
    return this.key.id === this.app.access.keyId
  }

  protected renderBody() {
    return html`<p>Requests with this key are refused at once. This can’t be undone.</p>
      ${keyFacts(this.key)} ${this.#use.render('All end at once.')}
      ${this.#isOwn ? warning('You are signed in with this key. You will be signed out.') : nothing}
      ${confirmName(this.key, (isConfirmed) => {
        this.isConfirmed = isConfirmed
      })}
      ${failureNotice(this.#submission, 'No response arrived, so the key may have been revoked. Try again: revoking it twice does no harm.')}`
  }

  protected renderButtons() {
    const { isSending } = this.#submission
    return html`${this.cancelButton()}
      <button class="danger" ?disabled=${!this.isConfirmed || isSending || !this.#use.value}>
        ${isSending ? 'Revoking…' : 'Revoke key'}
      </button>`
  }

  protected get lossText(): string {
    return `No response arrived: the key “${nameText(this.key.name)}” may have been revoked.`
  }

  protected override onAbandoned(): void {
    super.onAbandoned()
    this.onDone()
  }

  protected override async submit() {
    const { app, key } = this
    if (!this.isConfirmed || !this.#use.value) return
    const answer = await this.#submission.run(() => app.api.ask(REVOKE_KEY, { input: { id: key.id } }))
    if (!answer) return
    const outcome = `The key “${nameText(key.name)}” was revoked. Requests with it and with its embed tokens are refused.`
    if (this.#isOwn) return app.signOut(outcome)
    this.close()
    app.announce(outcome)
    this.onDone()
  }
}

define('console-revoke-key', RevokeKey)
