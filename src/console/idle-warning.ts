import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { define } from '../embed/define.ts'
import { Part } from './part.ts'
import { hasUnsavedSecret } from './parts/secret.ts'

/** Asks whether somebody is still there. A modal dialog, because whatever is outside of an open one can't be used. */
export class IdleWarning extends Part {
  static override properties: PropertyDeclarations = { secondsLeft: { attribute: false } }

  declare secondsLeft: number

  protected override firstUpdated(): void {
    this.querySelector('dialog')?.showModal()
  }

  protected override render(): TemplateResult {
    // It is announced once, not every second.
    return html`<dialog class="idle" role="alertdialog" aria-labelledby="idle-heading" aria-describedby="idle-text">
      <h2 id="idle-heading">Are you still there?</h2>
      <p id="idle-text">
        You will be signed out in
        <span aria-hidden="true">${this.secondsLeft} seconds</span><span class="visually-hidden">a minute</span> because
        of inactivity. ${hasUnsavedSecret() ? 'Save the secret on the screen first.' : nothing}
      </p>
      <div class="buttons"><button type="button" class="primary">Stay signed in</button></div>
    </dialog>`
  }
}

define('console-idle-warning', IdleWarning)
