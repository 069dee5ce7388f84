import { html, type PropertyDeclarations, type TemplateResult } from 'lit'
import { DialogPart } from './dialog-part.ts'
import { focusProblem } from './fields.ts'
import { failureNotice } from './notice.ts'
import { Submission } from './submission.ts'

/** Edits something. Only changes are sent, because others may edit it, too. */
export abstract class EditDialog<Changes extends object> extends DialogPart {
  static override properties: PropertyDeclarations = { onDone: { attribute: false } }

  declare onDone: () => void
  /** Not repeated automatically: that would also undo what somebody else changed meanwhile. */
  protected readonly submission: Submission = new Submission(this, { isRepeatable: false })

  protected abstract renderFields(): TemplateResult
  /** Null if they can't be sent. */
  protected abstract readChanges(form: HTMLFormElement): Changes | null
  protected abstract save(changes: Changes): Promise<unknown>
  /** What was edited, by its name after the changes, such as: The key “Shop”. */
  protected abstract subject(changes: Partial<Changes>): string

  /** Whether the fields show what can be edited. */
  protected get isReady(): boolean {
    return true
  }

  protected renderBody(): TemplateResult {
    return html`${this.renderFields()}
    ${failureNotice(
      this.submission,
      'No response arrived, so the changes may have been saved. They were not sent again automatically, because that could undo what somebody else changed meanwhile. Close the dialog and open it again to see the current values.',
    )}`
  }

  protected renderButtons(): TemplateResult {
    const { isSending, state } = this.submission
    const isLost = state === 'lost'
    return html`${this.cancelButton(isLost ? 'Close' : 'Cancel')}
      <button class="primary" ?disabled=${isSending || !this.isReady}>${isSending ? 'Saving…' : isLost ? 'Save again' : 'Save'}</button>`
  }

  protected get lossText(): string {
    return `${this.subject({})} may have been updated: no response arrived.`
  }

  protected override async submit() {
    const form = this.querySelector('form')
    if (!form || !this.isReady) return
    const changes = this.readChanges(form)
    if (changes && Object.keys(changes).length === 0) return this.#finish('Nothing was changed.')
    const answer = changes && (await this.submission.run(() => this.save(changes)))
    await this.updateComplete
    // Somebody may have been signed out meanwhile.
    if (!this.isConnected) return
    if (this.submission.state === 'lost') this.onDone()
    if (!changes || !answer) return focusProblem(this)
    this.#finish(`${this.subject(changes)} was updated.`)
    this.onDone()
  }

  #finish(outcome: string) {
    this.close()
    this.app.announce(outcome)
  }
}
