import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { Part } from '../part.ts'

/** A step in a modal dialog. Escape and the back button of a phone close it, unless something would be lost. */
export abstract class DialogPart extends Part {
  protected abstract heading(): string
  protected abstract renderBody(): unknown
  /** The buttons, with the primary one last. */
  protected abstract renderButtons(): unknown

  /** Whether closing it now would lose something, such as a secret that is not saved yet. */
  protected get isLocked(): boolean {
    return false
  }

  /** Called when the form is submitted, by a button or by Enter. */
  protected submit(): unknown {
    return undefined
  }

  protected close(): void {
    this.querySelector('dialog')?.close()
    this.app.closeDialog()
  }

  protected cancelButton(label = 'Cancel'): TemplateResult {
    return html`<button type="button" @click=${() => this.close()}>${label}</button>`
  }

  protected override firstUpdated(_changed: PropertyValues): void {
    this.#show()
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
  }

  readonly #onSubmit = (event: SubmitEvent) => {
    event.preventDefault()
    void this.submit()
  }

  readonly #onKey = (event: KeyboardEvent) => {
    // Browsers close a dialog at the second Escape, even if `cancel` was prevented.
    if (event.key === 'Escape' && this.isLocked) event.preventDefault()
  }

  readonly #onCancel = (event: Event) => {
    if (this.isLocked) event.preventDefault()
  }

  readonly #onClose = () => {
    if (!this.isConnected) return
    if (this.isLocked) this.#show()
    else this.app.closeDialog()
  }
}
