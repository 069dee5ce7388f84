import { html, type TemplateResult } from 'lit'
import './copy-button.ts'
import { checkbox } from './fields.ts'

/** A secret that is shown once, and a checkbox to confirm that it is saved. */
export const secretView = (secret: string, onSaved: (isSaved: boolean) => void): TemplateResult =>
  html`<p>The secret is shown only once. Save it now, for example in the settings of your back end.</p>
    <div class="secret">
      <label for="secret">Secret</label>
      <textarea id="secret" rows="3" readonly .value=${secret} spellcheck="false" autocomplete="off" @focus=${selectAll}></textarea>
      <console-copy .text=${secret}></console-copy>
    </div>
    ${checkbox({ value: 'saved', label: 'I have saved the secret', hint: 'Then this can be closed.', onChange: onSaved })}`

const selectAll = (event: Event) => (event.target as HTMLTextAreaElement).select()

const unsaved = new Set<object>()

/** Whether a secret is on the screen, or on its way, that is not confirmed as saved: leaving the page would lose it. */
export const hasUnsavedSecret = (): boolean => unsaved.size > 0

export function noteUnsavedSecret(owner: object, isUnsaved: boolean): void {
  if (isUnsaved) unsaved.add(owner)
  else unsaved.delete(owner)
}
