import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit'
import { ParleyRequestError } from '../../client/errors.ts'
import { DialogPart } from './dialog-part.ts'
import { focusProblem } from './fields.ts'
import { nameText } from './name.ts'
import { errorNotice, warning } from './notice.ts'
import { newIdempotencyKey } from './random-key.ts'
import { noteUnsavedSecret, secretView } from './secret.ts'
import { Submission } from './submission.ts'

export interface SecretOutcome {
  secret: string
  /** The name of the key. */
  name: string
  /** Announced once the dialog is closed. */
  announcement: string
  /** Shown above the secret. */
  fact: unknown
}

/** The server repeats its response for ten minutes. The last attempt may take two of them. */
const REPEATABLE_MS = 7 * 60_000

/**
 * Creates a secret and shows it. If the response is lost, the same request is repeated with the same idempotency key and
 * returns the same secret: nothing else can be sent until then. The dialog stays open until somebody confirms that the
 * secret is saved.
 */
export abstract class SecretDialog<Answer> extends DialogPart {
  static override properties: PropertyDeclarations = {
    onDone: { attribute: false },
    outcome: { state: true },
    isSaved: { state: true },
  }

  declare onDone: () => void
  declare outcome: SecretOutcome | null
  declare isSaved: boolean
  protected readonly submission: Submission = new Submission(this, { isRepeatable: true })
  #isReading = false
  /** What may have been carried out. */
  #pending: { input: object; sinceMs: number } | null = null

  constructor() {
    super()
    this.outcome = null
    this.isSaved = false
  }

  /** The heading until there is a secret. */
  protected abstract get formHeading(): string
  /** The mutation. */
  protected abstract get document(): string
  protected abstract renderForm(): TemplateResult
  protected abstract renderSubmit(isSending: boolean): TemplateResult
  /** The input without its idempotency key; null if it can't be sent yet. */
  protected abstract readInput(): Promise<object | null>
  protected abstract outcomeOf(answer: Answer): SecretOutcome

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.outcome = null
    noteUnsavedSecret(this, false)
  }

  override get isLocked(): boolean {
    return super.isLocked || (this.outcome !== null && !this.isSaved)
  }

  protected heading(): string {
    return this.outcome ? `Save the secret of “${nameText(this.outcome.name)}”` : this.formHeading
  }

  protected override async submit() {
    if (!this.#pending) {
      if (this.#isReading) return
      this.#isReading = true
      const input = await this.readInput().finally(() => {
        this.#isReading = false
      })
      if (!input || !this.isConnected) return
      this.#pending = { input: { ...input, idempotencyKey: newIdempotencyKey() }, sinceMs: performance.now() }
    }
    if (!this.#isRepeatable) return this.requestUpdate()
    noteUnsavedSecret(this, true)
    const { input } = this.#pending
    const answer = await this.submission.run(() => this.app.api.ask<Answer>(this.document, { input }))
    if (answer) {
      this.outcome = this.outcomeOf(answer)
      return
    }
    if (this.submission.wasLost) return
    // It was refused, so that nothing was done.
    this.#pending = null
    noteUnsavedSecret(this, false)
    await this.updateComplete
    focusProblem(this)
  }

  /** Once the secret is saved, there is nothing to cancel. */
  protected override cancel(): void {
    if (this.outcome) this.#finish()
    else super.cancel()
  }

  protected override onAbandoned(): void {
    super.onAbandoned()
    this.onDone()
  }

  protected renderBody() {
    const { outcome } = this
    if (outcome) {
      return html`<p>${outcome.fact}</p>
        ${secretView(outcome.secret, (isSaved) => {
          this.isSaved = isSaved
          noteUnsavedSecret(this, !isSaved)
        })}`
    }
    return html`<fieldset class="plain dialog-body" ?disabled=${this.submission.wasLost}>${this.renderForm()}</fieldset>
      ${this.#renderError()}`
  }

  protected renderButtons() {
    if (this.outcome) {
      return html`<button type="button" class="primary" ?disabled=${!this.isSaved} @click=${this.#finish}>Done</button>`
    }
    const { isSending, wasLost } = this.submission
    if (!wasLost) return html`${this.cancelButton()} ${this.renderSubmit(isSending)}`
    return html`${this.cancelButton('Close')}
      <button class="primary" ?disabled=${isSending || !this.#isRepeatable}>${isSending ? 'Trying again…' : 'Try again'}</button>`
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed)
    if (changed.has('outcome') && this.outcome) this.querySelector<HTMLElement>('#dialog-heading')?.focus()
  }

  /** Whether the server still repeats its response. */
  get #isRepeatable() {
    const { error, wasLost } = this.submission
    const hasConflict = error instanceof ParleyRequestError && error.code === 'IDEMPOTENCY_CONFLICT'
    return !wasLost || (!hasConflict && performance.now() - (this.#pending?.sinceMs ?? 0) < REPEATABLE_MS)
  }

  #renderError() {
    const { state, error } = this.submission
    if (!error) return nothing
    if (state !== 'lost') return errorNotice(error)
    return this.#isRepeatable
      ? html`${errorNotice(error)}
          ${warning('No response arrived, so it may have been done. Try again within a few minutes: you get the same secret, and nothing is done twice.')}`
      : html`<div role="alert">${warning(`It can’t be repeated any more. ${this.lossText}`)}</div>`
  }

  readonly #finish = () => {
    const { outcome } = this
    this.close()
    this.app.announce(outcome?.announcement ?? '')
    this.onDone()
  }
}
