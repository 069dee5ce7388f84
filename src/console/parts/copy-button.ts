import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { define } from '../../embed/define.ts'
import { Part } from '../part.ts'

const SHOWN_MS = 2_000

/** A button that copies a text. */
export class CopyButton extends Part {
  static override properties: PropertyDeclarations = {
    text: { attribute: false },
    label: {},
    what: {},
    outcome: { state: true },
  }

  declare text: string
  declare label: string
  /** What it copies, for screen readers. */
  declare what: string
  declare outcome: 'copied' | 'failed' | null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super()
    this.text = ''
    this.label = 'Copy'
    this.what = ''
    this.outcome = null
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  protected override render(): TemplateResult {
    return html`<button type="button" class="copy" @click=${this.#copy}>
        ${this.outcome === 'copied' ? 'Copied' : this.label}${this.what ? html`<span class="visually-hidden"> ${this.what}</span>` : nothing}
      </button>
      <span role="status" class=${this.outcome === 'failed' ? 'hint' : 'visually-hidden'}>${this.#status()}</span>`
  }

  #status() {
    if (this.outcome === 'copied') return 'Copied.'
    return this.outcome === 'failed' ? 'Your browser doesn’t allow this. Select the text and copy it yourself.' : ''
  }

  readonly #copy = async () => {
    // Only pages that come by https or from this machine have a clipboard.
    this.outcome = await Promise.resolve(navigator.clipboard as Clipboard | undefined)
      .then((clipboard) => {
        if (!clipboard) throw new Error('there is no clipboard')
        return clipboard.writeText(this.text)
      })
      .then(
        () => 'copied' as const,
        () => 'failed' as const,
      )
    this.dispatchEvent(new CustomEvent('copied', { detail: this.outcome }))
    clearTimeout(this.#timer)
    if (this.outcome !== 'copied') return
    this.#timer = setTimeout(() => {
      this.outcome = null
    }, SHOWN_MS)
  }
}

define('console-copy', CopyButton)

/** A text of several lines, with a button that copies it. */
export const snippet = (label: string, text: string): TemplateResult =>
  html`<figure class="snippet">
    <figcaption><span>${label}</span><console-copy .text=${text} .what=${label}></console-copy></figcaption>
    <pre tabindex="0" aria-label=${label}><code>${text}</code></pre>
  </figure>`
