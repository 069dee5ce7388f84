import { html, nothing, type TemplateResult } from 'lit'
import { ifDefined } from 'lit/directives/if-defined.js'

interface FieldOptions {
  name: string
  label: string
  hint?: unknown
  /** Why the value was refused. */
  problem?: string | null
}

export interface TextFieldOptions extends FieldOptions {
  value?: string
  type?: 'text' | 'number' | 'datetime-local' | 'url'
  required?: boolean
  placeholder?: string
  /** Values that the browser suggests. */
  suggestions?: readonly string[]
  onInput?: (value: string) => void
}

/** The ids of the elements that describe a field. */
const describedBy = ({ name, hint, problem }: FieldOptions) =>
  [...(hint ? [`${name}-hint`] : []), ...(problem ? [`${name}-problem`] : [])].join(' ') || undefined

const around = (field: FieldOptions, control: unknown, isRequired = true) =>
  html`<div class="field">
    <label for=${field.name}>${field.label}${isRequired ? nothing : html` <span class="optional">(optional)</span>`}</label>
    ${control} ${afterControl(field)}
  </div>`

const afterControl = ({ name, hint, problem }: FieldOptions) =>
  html`${hint ? html`<p class="hint" id="${name}-hint">${hint}</p>` : nothing}
  ${problem ? html`<p class="problem" id="${name}-problem">${problem}</p>` : nothing}`

export const textField = (field: TextFieldOptions): TemplateResult => {
  const { name, value = '', type = 'text', required = false, placeholder, suggestions, problem, onInput } = field
  const control = html`<input id=${name} name=${name} type=${type} .defaultValue=${value} ?required=${required}
      placeholder=${ifDefined(placeholder)} list=${ifDefined(suggestions && `${name}-suggestions`)}
      spellcheck="false" autocapitalize="off" aria-invalid=${problem ? 'true' : 'false'}
      aria-describedby=${ifDefined(describedBy(field))}
      @input=${(event: InputEvent) => onInput?.((event.target as HTMLInputElement).value)} />
    ${suggestions ? html`<datalist id="${name}-suggestions">${suggestions.map((text) => html`<option value=${text}></option>`)}</datalist>` : nothing}`
  return around(field, control, required)
}

export const textArea = (
  field: FieldOptions & { value?: string; rows?: number; required?: boolean },
): TemplateResult => {
  const { name, value = '', rows = 3, required = false, problem } = field
  const control = html`<textarea id=${name} name=${name} rows=${rows} .defaultValue=${value} ?required=${required}
    spellcheck="false" autocapitalize="off" autocomplete="off" aria-invalid=${problem ? 'true' : 'false'}
    aria-describedby=${ifDefined(describedBy(field))}></textarea>`
  return around(field, control, required)
}

export interface Choice {
  value: string
  label: string
}

export const select = (
  field: FieldOptions & { value?: string; choices: readonly Choice[]; onChange?: (value: string) => void },
): TemplateResult => {
  const { name, value, choices, problem, onChange } = field
  const control = html`<select id=${name} name=${name} aria-invalid=${problem ? 'true' : 'false'}
    aria-describedby=${ifDefined(describedBy(field))}
    @change=${(event: Event) => onChange?.((event.target as HTMLSelectElement).value)}>
    ${choices.map((choice) => html`<option value=${choice.value} ?selected=${choice.value === value}>${choice.label}</option>`)}
  </select>`
  return around(field, control)
}

export interface Check {
  value: string
  label: unknown
  hint?: unknown
  checked?: boolean
}

/** A group of checkboxes with one name. */
export const checkList = ({
  name,
  label,
  hint,
  problem,
  checks,
  onChange,
}: FieldOptions & { checks: readonly Check[]; onChange?: () => void }): TemplateResult =>
  html`<fieldset class="field" aria-describedby=${ifDefined(describedBy({ name, label, hint, problem: problem ?? null }))}>
    <legend>${label}</legend>
    ${afterControl({ name, label, hint, problem: problem ?? null })}
    <ul class="checks">
      ${checks.map(
        (check, index) => html`<li>
          <input type="checkbox" id="${name}-${check.value}" name=${name} value=${check.value} .defaultChecked=${check.checked ?? false}
            aria-invalid=${problem && index === 0 ? 'true' : 'false'}
            aria-describedby=${ifDefined(check.hint ? `${name}-${check.value}-hint` : undefined)} @change=${() => onChange?.()} />
          <label for="${name}-${check.value}">${check.label}</label>
          ${check.hint ? html`<p class="hint" id="${name}-${check.value}-hint">${check.hint}</p>` : nothing}
        </li>`,
      )}
    </ul>
  </fieldset>`

/** One checkbox. */
export const checkbox = (check: Check & { onChange?: (checked: boolean) => void }): TemplateResult =>
  html`<p class="check">
    <input type="checkbox" id=${check.value} name=${check.value} .defaultChecked=${check.checked ?? false}
      aria-describedby=${ifDefined(check.hint ? `${check.value}-hint` : undefined)}
      @change=${(event: Event) => check.onChange?.((event.target as HTMLInputElement).checked)} />
    <label for=${check.value}>${check.label}</label>
    ${check.hint ? html`<span class="hint" id="${check.value}-hint">${check.hint}</span>` : nothing}
  </p>`

/** The values of a form. */
export class FormValues {
  readonly #data: FormData
  constructor(form: HTMLFormElement) {
    this.#data = new FormData(form)
  }

  text(name: string): string {
    return String(this.#data.get(name) ?? '')
  }

  textOrNull(name: string): string | null {
    return this.text(name).trim() || null
  }

  number(name: string): number | null {
    const text = this.textOrNull(name)
    return text === null ? null : Number(text)
  }

  checked(name: string): boolean {
    return this.#data.has(name)
  }

  all<Value extends string>(name: string): Value[] {
    return this.#data.getAll(name).map(String) as Value[]
  }

  /** The lines that are not empty. */
  lines(name: string): string[] {
    const lines = this.text(name).split(/[\n,]/)
    return lines.map((line) => line.trim()).filter(Boolean)
  }

  /** A time that was entered in the browser's time zone, as UTC. */
  time(name: string): string | null {
    const text = this.textOrNull(name)
    return text === null ? null : new Date(text).toISOString()
  }
}

/** Moves the focus to the first field that was refused. Its problem must be rendered already. */
export function focusProblem(root: HTMLElement): void {
  root.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
}
