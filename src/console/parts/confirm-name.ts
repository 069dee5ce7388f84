import { html, type TemplateResult } from 'lit'
import { nameText, shownName, typedForm } from './name.ts'

/** A field in which somebody types the name of what will be ended, so that nobody ends it by accident. */
export function confirmName(
  { id, name }: { id: string; name?: string | null },
  onChange: (isConfirmed: boolean) => void,
): TemplateResult {
  // A name of hidden characters only can't be typed.
  const hasName = name != null && typedForm(name) !== ''
  const text = hasName ? name : id
  const accepted = new Set([typedForm(text), typedForm(nameText(text))])
  return html`<div class="field">
    <label for="confirm-name">Type the ${hasName ? 'name' : 'id'} to confirm: <code>${shownName(text)}</code></label>
    <input id="confirm-name" autocomplete="off" spellcheck="false" autocapitalize="off"
      @input=${(event: InputEvent) => onChange(accepted.has(typedForm((event.target as HTMLInputElement).value)))} />
  </div>`
}
