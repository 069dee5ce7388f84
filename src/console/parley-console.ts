import { html, LitElement } from 'lit'

/** The page for administrators. */
export class ParleyConsole extends LitElement {
  /** In the page itself: nobody else's styles are there. */
  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override render() {
    return html`<h1>Parley console</h1>`
  }
}

customElements.define('parley-console', ParleyConsole)
