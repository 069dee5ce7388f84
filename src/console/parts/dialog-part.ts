import { html, nothing, type PropertyValues, type ReactiveController, type TemplateResult } from 'lit'
import { Part } from '../part.ts'
import { Submission } from './submission.ts'

/** A step in a modal dialog. Escape and the back button of a phone close it, unless something would be lost. */
export abstract class DialogPart extends Part {
  readonly #submissions = new Set<Submission>()

  protected abstract heading(): string
  protected abstract renderBody(): unknown
  /** The buttons, with the primary one last. */
  protected abstract renderButtons(): unknown

  /** Whether closing it now would lose something, such as the outcome or a secret that is not saved yet. */
  get isLocked(): boolean {
    return this.#isSending
  }

  get #isSending() {
    return [...this.#submissions].some(({ isSending }) => isSending)
  }

  override addController(controller: ReactiveController): void {
    super.addController(controller)
    if (controller instanceof Submission) this.#submissions.add(controller)
  }

  /** Called when the form is submitted, by a button or by Enter. */
  protected submit(): unknown {
    return undefined
  }

  /** What to announce, as a sentence, if it is closed although an attempt may have been carried out. */
  protected abstract get lossText(): string

  /** Called when it is closed although an attempt may have been carried out. */
  protected onAbandoned(): void {
    this.app.announce(this.lossText)
  }

  protected close(): void {
    this.querySelector('dialog')?.close()
    if (this.isConnected) this.app.closeDialog()
  }

  /** Closes it by the button or by Escape. */
  protected cancel(): void {
    this.close()
    if ([...this.#submissions].some(({ state }) => state === 'lost')) this.onAbandoned()
  }

  protected cancelButton(label = 'Cancel'): TemplateResult {
    return html`<button type="button" ?disabled=${this.#isSending} @click=${() => this.cancel()}>${label}</button>`
  }

  protected override firstUpdated(_changed: PropertyValues): void {
    this.#show()
    // Where there is something to read first, the focus is on the heading.
    const isSerious = this.querySelector('.danger, .warning') !== null
    if (!isSerious) this.querySelector<HTMLElement>('input:not([type=checkbox]), select, textarea')?.focus()
  }

  protected override updated(_changed: PropertyValues): void {
    // A button that is disabled, or gone, loses the focus.
    const { activeElement } = document
    if (activeElement === null || activeElement === document.body) this.#focusHeading()
  }

  protected override render(): TemplateResult {
    return html`<dialog aria-labelledby="dialog-heading" @cancel=${this.#onCancel} @close=${this.#onClose} @keydown=${this.#onKey}>
      <form novalidate autocomplete="off" @submit=${this.#onSubmit}>
        <h2 id="dialog-heading" tabindex="-1">${this.heading()}</h2>
        <div class="dialog-body">${this.renderBody()}</div>
        <div class="buttons">${this.renderButtons() ?? nothing}</div>
      </form>
    </dialog>`
  }

  #show() {
    this.querySelector('dialog')?.showModal()
    this.#focusHeading()
  }

  #focusHeading() {
    this.querySelector<HTMLElement>('#dialog-heading')?.focus()
  }

  readonly #onSubmit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.target as HTMLFormElement
    // What a field can't read, such as half a date, is empty in the form's values.
    if (!this.isLocked && form.reportValidity()) void this.submit()
  }

  readonly #onKey = (event: KeyboardEvent) => {
    // Browsers close a dialog at the second Escape, even if `cancel` was prevented.
    if (event.key === 'Escape' && this.isLocked) event.preventDefault()
  }

  readonly #onCancel = (event: Event) => {
    event.preventDefault()
    if (!this.isLocked) this.cancel()
  }

  readonly #onClose = () => {
    if (!this.isConnected) return
    if (this.isLocked) this.#show()
    else this.app.closeDialog()
  }
}
