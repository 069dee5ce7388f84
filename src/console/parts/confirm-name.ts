import { html, type TemplateResult } from 'lit'

/** A field in which somebody types the name of what will be ended, so that nobody ends it by accident. */
export const confirmName = (
  name: string,
  onChange: (isConfirmed: boolean) => void,
  noun: 'name' | 'id' = 'name',
): TemplateResult =>
  html`<div class="field">
    <label for="confirm-name">Type the ${noun} to confirm: <code>${name}</code></label>
    <input id="confirm-name" autocomplete="off" spellcheck="false" autocapitalize="off"
      @input=${(event: InputEvent) => onChange((event.target as HTMLInputElement).value.trim() === name.trim())} />
  </div>`
