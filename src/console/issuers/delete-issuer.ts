import { html, type PropertyDeclarations } from 'lit'
import { ParleyRequestError } from '../../client/errors.ts'
import { define } from '../../embed/define.ts'
import { confirmName } from '../parts/confirm-name.ts'
import { DialogPart } from '../parts/dialog-part.ts'
import { nameText, shownName } from '../parts/name.ts'
import { failureNotice, warning } from '../parts/notice.ts'
import { Submission } from '../parts/submission.ts'
import { DELETE_ISSUER, type Issuer } from './documents.ts'
import { IssuerUse } from './issuer-use.ts'

/** Ends an issuer and all of its tokens. */
export class DeleteIssuer extends DialogPart {
  static override properties: PropertyDeclarations = {
    issuer: { attribute: false },
    onDone: { attribute: false },
    isConfirmed: { state: true },
  }

  declare issuer: Issuer
  declare onDone: () => void
  declare isConfirmed: boolean
  readonly #use = new IssuerUse(this)
  readonly #submission = new Submission(this, { isRepeatable: true })

  constructor() {
    super()
    this.isConfirmed = false
  }

  get #name() {
    return this.issuer.name ?? this.issuer.issuer
  }

  protected heading(): string {
    return `Delete “${nameText(this.#name)}”`
  }

  protected renderBody() {
    return html`<p>All tokens of this issuer are refused from the next request on. This can’t be undone.</p>
      ${warning(html`<p>Pages with tokens signed as <code>${shownName(this.issuer.issuer)}</code> will no longer show any data.</p>`)}
      ${this.#use.render()}
      ${confirmName({ id: this.issuer.id, name: this.#name }, (isConfirmed) => {
        this.isConfirmed = isConfirmed
      })}
      ${failureNotice(this.#submission, 'No response arrived, so the issuer may have been deleted. Try again: deleting it twice does no harm.')}`
  }

  protected renderButtons() {
    const { isSending } = this.#submission
    return html`${this.cancelButton()}
      <button class="danger" ?disabled=${!this.isConfirmed || isSending || !this.#use.isKnown}>
        ${isSending ? 'Deleting…' : 'Delete issuer'}
      </button>`
  }

  protected get lossText(): string {
    return `No response arrived: the issuer “${nameText(this.#name)}” may have been deleted.`
  }

  protected override onAbandoned(): void {
    super.onAbandoned()
    this.onDone()
  }

  protected override async submit() {
    const { app, issuer } = this
    if (!this.isConfirmed || this.#submission.isSending || !this.#use.isKnown) return
    const answer = await this.#submission.run(() => app.api.ask(DELETE_ISSUER, { input: { id: issuer.id } }))
    const { error, wasLost } = this.#submission
    const isGone = error instanceof ParleyRequestError && error.code === 'NOT_FOUND'
    if (!answer && !isGone) return
    // Somebody may have been signed out meanwhile.
    if (!this.isConnected) return
    this.close()
    // If an answer was lost, that attempt deleted it.
    const outcome = answer || wasLost ? 'was deleted' : 'had already been deleted'
    app.announce(`The issuer “${nameText(this.#name)}” ${outcome}. Its tokens are refused.`)
    this.onDone()
  }
}

define('console-delete-issuer', DeleteIssuer)
