import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { RedactionPatternInput } from '../../client/generated/schema-types.ts'
import { define } from '../../embed/define.ts'
import { Part } from '../part.ts'
import { textField } from '../parts/fields.ts'

interface Row {
  /** It stays the same while other rows are added and removed. */
  id: number
  given: RedactionPatternInput
}

const EMPTY: RedactionPatternInput = { name: '', pattern: '' }

/** Fields for a tenant's own redaction patterns, as many as somebody adds. */
export class PatternFields extends Part {
  static override properties: PropertyDeclarations = {
    patterns: { attribute: false },
    problemOf: { attribute: false },
    rows: { state: true },
  }

  /** The current patterns. */
  declare patterns: readonly RedactionPatternInput[]
  /** Why the server refused the input with this path. */
  declare problemOf: (path: string) => string | null
  declare rows: readonly Row[]
  #nextId = 0

  constructor() {
    super()
    this.patterns = []
    this.problemOf = () => null
    this.rows = []
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.rows = this.patterns.map((given) => this.#row(given))
  }

  /** What was entered, in order. Empty rows are left out. */
  get values(): RedactionPatternInput[] {
    return this.rows.map((row) => this.#read(row)).filter(({ name, pattern }) => name !== '' || pattern !== '')
  }

  protected override render(): TemplateResult {
    return html`<fieldset class="field">
      <legend>Redaction patterns</legend>
      <p class="hint" id="patterns-hint">
        Text that matches one of these regular expressions, such as a customer number, is replaced before it is stored.
        The patterns apply in this order, before all other redaction.
      </p>
      <ul class="patterns">
        ${repeat(
          this.rows,
          ({ id }) => id,
          (row, index) => this.#renderRow(row, index),
        )}
      </ul>
      <div><button type="button" @click=${this.#add}>Add pattern</button></div>
    </fieldset>`
  }

  #renderRow({ id, given }: Row, index: number) {
    const problemOf = (name: string) => this.problemOf(`input.redactionPatterns[${index}].${name}`)
    return html`<li class="card">
      ${textField({
        name: `pattern-${id}-name`,
        label: `Name of pattern ${index + 1}`,
        value: given.name,
        required: true,
        placeholder: 'customer number',
        problem: problemOf('name'),
      })}
      ${textField({
        name: `pattern-${id}-pattern`,
        label: `Regular expression ${index + 1}`,
        value: given.pattern,
        required: true,
        hint: index === 0 ? 'RE2 syntax, without backreferences and lookaround.' : nothing,
        placeholder: 'CUST-[0-9]{6}',
        problem: problemOf('pattern'),
      })}
      ${textField({
        name: `pattern-${id}-replacement`,
        label: `Replacement ${index + 1}`,
        value: given.replacement ?? '',
        placeholder: '[customer number]',
        hint: index === 0 ? 'If you leave it empty, the name in brackets.' : nothing,
        problem: problemOf('replacement'),
      })}
      <div><button type="button" @click=${() => this.#remove(id)}>Remove pattern ${index + 1}</button></div>
    </li>`
  }

  #read({ id, given }: Row): RedactionPatternInput {
    const text = (name: string) => this.querySelector<HTMLInputElement>(`#pattern-${id}-${name}`)?.value ?? ''
    // A pattern that deletes its matches keeps doing so.
    const replacement = text('replacement') || (given.replacement === '' ? '' : null)
    const read = { name: text('name').trim(), pattern: text('pattern') }
    return replacement === null ? read : { ...read, replacement }
  }

  #row(given: RedactionPatternInput): Row {
    this.#nextId += 1
    return { id: this.#nextId, given }
  }

  readonly #add = async () => {
    const row = this.#row(EMPTY)
    this.rows = [...this.rows, row]
    await this.updateComplete
    this.querySelector<HTMLElement>(`#pattern-${row.id}-name`)?.focus()
  }

  async #remove(removed: number) {
    this.rows = this.rows.filter(({ id }) => id !== removed)
    await this.updateComplete
    this.querySelector<HTMLElement>('fieldset > div > button')?.focus()
  }
}

define('console-patterns', PatternFields)
