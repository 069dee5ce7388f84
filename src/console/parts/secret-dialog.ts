import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit'
import { DialogPart } from './dialog-part.ts'
import { nameText } from './name.ts'
import { errorNotice } from './notice.ts'
import { newIdempotencyKey } from './random-key.ts'
import { noteUnsavedSecret, secretView } from './secret.ts'
import { Submission } from './submission.ts'

interface Outcome {
  /** The name of the key. */
  name: string
  /** Announced once the dialog is closed. */
  announcement: string
  /** Shown above the secret. */
  fact: unknown
}

/** For how long a repeated request returns the same secret, less a margin. */
const REPEATABLE_MS = 9 * 60_000

/**
 * Creates a secret and shows it. If the response is lost, the request is repeated with the same idempotency key and
 * returns the same secret. The dialog stays open until somebody confirms that the secret is saved.
 */
export abstract class SecretDialog extends DialogPart {
  static override properties: PropertyDeclarations = {
    onDone: { attribute: false },
    secret: { state: true },
    isSaved: { state: true },
  }

  declare onDone: () => void
  declare secret: string
  declare isSaved: boolean
  protected readonly submission: Submission = new Submission(this, { isRepeatable: true })
  #outcome: Outcome | null = null
  #idempotencyKey = ''
  #input = ''
  #firstSentMs = 0

  constructor() {
    super()
    this.secret = ''
    this.isSaved = false
  }

  /** The heading until there is a secret. */
  protected abstract get formHeading(): string
  protected abstract renderForm(): TemplateResult
  protected abstract renderSubmit(): TemplateResult

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.secret = ''
    noteUnsavedSecret(this, false)
  }

  protected heading(): string {
    return this.#outcome ? `Save the secret of “${nameText(this.#outcome.name)}”` : this.formHeading
  }

  protected override get isLocked(): boolean {
    return this.submission.isSending || (this.secret !== '' && !this.isSaved)
  }

  /** Sends the input, with the idempotency key of the previous attempt if that had the same input. */
  protected async send<Answer>(document: string, input: object): Promise<Answer | null> {
    if (this.submission.isSending) return null
    const text = JSON.stringify(input)
    if (text !== this.#input || Date.now() - this.#firstSentMs > REPEATABLE_MS) {
      this.#idempotencyKey = newIdempotencyKey()
      this.#input = text
      this.#firstSentMs = Date.now()
    }
    const { api } = this.app
    const variables = { input: { ...input, idempotencyKey: this.#idempotencyKey } }
    return this.submission.run(() => api.ask<Answer>(document, variables))
  }

  /** Shows the secret. */
  protected show(secret: string, outcome: Outcome): void {
    this.#outcome = outcome
    this.secret = secret
    noteUnsavedSecret(this, true)
  }

  protected renderBody() {
    if (!this.#outcome) return html`${this.renderForm()} ${this.#renderError()}`
    return html`<p>${this.#outcome.fact}</p>
      ${secretView(this.secret, (isSaved) => {
        this.isSaved = isSaved
        noteUnsavedSecret(this, !isSaved)
      })}`
  }

  protected renderButtons() {
    if (!this.#outcome) return html`${this.cancelButton()} ${this.renderSubmit()}`
    return html`<button type="button" class="primary" ?disabled=${!this.isSaved} @click=${this.#finish}>Done</button>`
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('secret') && this.secret) this.querySelector<HTMLElement>('#dialog-heading')?.focus()
  }

  #renderError() {
    const { state, error } = this.submission
    if (!error) return nothing
    return html`${errorNotice(error)}
    ${
      state === 'lost'
        ? html`<p class="notice warning">
            No response arrived, so it may have been done. Submit the same values again within ten minutes: you get the
            same secret, and nothing is done twice.
          </p>`
        : nothing
    }`
  }

  readonly #finish = () => {
    this.close()
    this.app.announce(this.#outcome?.announcement ?? '')
    this.onDone()
  }
}
