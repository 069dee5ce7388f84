import { html, type PropertyDeclarations } from 'lit'
import type { Query } from '../../client/generated/schema-types.ts'
import { define } from '../../embed/define.ts'
import { confirmName } from '../parts/confirm-name.ts'
import { DialogPart } from '../parts/dialog-part.ts'
import { nameText } from '../parts/name.ts'
import { errorNotice, failureNotice } from '../parts/notice.ts'
import { Submission } from '../parts/submission.ts'
import { countOf } from '../parts/text.ts'
import { LIVE_TOKENS, REVOKE_TOKENS } from './documents.ts'

/** Ends all tokens of a tenant that were issued until now. */
export class RevokeTokens extends DialogPart {
  static override properties: PropertyDeclarations = {
    tenantId: { attribute: false },
    liveTokens: { state: true },
    loadError: { state: true },
    isConfirmed: { state: true },
  }

  declare tenantId: string
  /** Null until it is known. */
  declare liveTokens: number | null
  declare loadError: unknown
  declare isConfirmed: boolean
  /** Not repeated automatically: that would also end tokens that were created meanwhile. */
  readonly #submission = new Submission(this, { isRepeatable: false })

  constructor() {
    super()
    this.liveTokens = null
    this.loadError = null
    this.isConfirmed = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  protected heading(): string {
    return `Revoke all tokens of “${nameText(this.tenantId)}”`
  }

  protected renderBody() {
    return html`<p>All tokens of the tenant that were issued until now will be refused. This can’t be undone.</p>
      ${this.#renderCount()}
      <ul class="facts">
        <li>This includes tokens of token issuers, which Parley can’t count.</li>
        <li>
          Open pages automatically request a new token from your back end, and continue if they get one. To lock somebody
          out, make your back end give them no more tokens.
        </li>
        <li>API keys are not affected.</li>
      </ul>
      ${confirmName({ id: this.tenantId }, this.#setConfirmed)}
      ${failureNotice(
        this.#submission,
        'No response arrived, so the tokens may have been revoked. The request was not repeated automatically, because that would also end tokens that were issued meanwhile. To be sure, revoke again.',
      )}`
  }

  #renderCount() {
    if (this.loadError) return errorNotice(this.loadError, this.#load)
    if (this.liveTokens === null) return html`<p aria-busy="true">Counting the live tokens…</p>`
    return html`<p><strong>${countOf(this.liveTokens, 'live embed token')} will end at once.</strong></p>`
  }

  protected renderButtons() {
    const { isSending, state } = this.#submission
    const label = state === 'lost' ? 'Revoke again' : 'Revoke all tokens'
    return html`${this.cancelButton(state === 'lost' ? 'Close' : 'Cancel')}
      <button class="danger" ?disabled=${!this.isConfirmed || isSending || this.liveTokens === null}>
        ${isSending ? 'Revoking…' : label}
      </button>`
  }

  protected get lossText(): string {
    return `No response arrived: the tokens of “${nameText(this.tenantId)}” may have been revoked.`
  }

  protected override async submit() {
    const { app, tenantId, liveTokens } = this
    if (!this.isConfirmed || liveTokens === null || this.#submission.isSending) return
    const answer = await this.#submission.run(() => app.api.ask(REVOKE_TOKENS, {}, { tenantId }))
    // Somebody may have been signed out meanwhile.
    if (!this.isConnected) return
    if (!answer) return this.#submission.state === 'lost' ? this.#load() : undefined
    this.close()
    app.announce(
      `All tokens of “${nameText(tenantId)}” that were issued until now were revoked, including those of token issuers. When they were last counted, there ${liveTokens === 1 ? 'was' : 'were'} ${countOf(liveTokens, 'live embed token')}.`,
    )
  }

  /** How many there are now: the decision depends on it. */
  readonly #load = async () => {
    this.loadError = null
    try {
      const { viewer } = await this.app.api.ask<Pick<Query, 'viewer'>>(LIVE_TOKENS, {}, { tenantId: this.tenantId })
      this.liveTokens = viewer.tenant?.liveTokenCount ?? 0
    } catch (error) {
      this.loadError = error
    }
  }

  readonly #setConfirmed = (isConfirmed: boolean) => {
    this.isConfirmed = isConfirmed
  }
}

define('console-revoke-tokens', RevokeTokens)
