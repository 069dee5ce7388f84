import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { define } from '../embed/define.ts'
import { explainSignIn, type ParleyConsole } from './parley-console.ts'
import { Part } from './part.ts'
import { credentialIn } from './parts/pasted.ts'

/** Asks for a key. Neither the page nor a password manager should store it. */
export class SignIn extends Part {
  static override properties: PropertyDeclarations = {
    owner: { attribute: false },
    message: {},
    problem: { state: true },
    isBusy: { state: true },
  }

  declare owner: ParleyConsole
  /** Why somebody has to sign in again. */
  declare message: string
  declare problem: string
  declare isBusy: boolean

  constructor() {
    super()
    this.message = ''
    this.problem = ''
    this.isBusy = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    // A page that the back button restores must have no key, either.
    addEventListener('pagehide', this.#clear)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    removeEventListener('pagehide', this.#clear)
  }

  protected override firstUpdated(): void {
    this.querySelector('input')?.focus()
  }

  protected override render(): TemplateResult {
    return html`<main class="sign-in">
      <h1>Parley <span>console</span></h1>
      ${this.message ? html`<p class="notice" role="status">${this.message}</p>` : nothing}
      <form novalidate autocomplete="off" @submit=${this.#submit}>
        <div class="field">
          <label for="key">API key</label>
          <input id="key" type="password" required autocomplete="off" spellcheck="false" autocapitalize="off"
            data-1p-ignore data-lpignore="true" aria-invalid=${this.problem ? 'true' : 'false'} aria-describedby="key-hint key-problem" />
          <p class="problem" id="key-problem" role="alert">${this.problem}</p>
          <p class="hint" id="key-hint">
            Kept only in this page, until you leave or reload it. The server prints the first key when it first starts.
            To create another, run <code>npm run admin-key</code> on the server.
          </p>
        </div>
        <button class="primary" ?disabled=${this.isBusy}>${this.isBusy ? 'Signing in…' : 'Sign in'}</button>
      </form>
    </main>`
  }

  readonly #clear = () => {
    const input = this.querySelector('input')
    if (input) input.value = ''
  }

  readonly #submit = async (event: SubmitEvent) => {
    event.preventDefault()
    if (this.isBusy) return
    const input = this.querySelector('input')
    const key = credentialIn(input?.value ?? '')
    this.problem = problemOf(key)
    if (this.problem === '') {
      this.isBusy = true
      await this.owner.signIn(key).catch((error: unknown) => {
        this.problem = explainSignIn(error)
      })
      this.isBusy = false
    }
    if (this.problem === '') return
    await this.updateComplete
    input?.focus()
    input?.select()
  }
}

define('console-sign-in', SignIn)

/** Why a text can't be a key, nor be sent in a header; empty if it can. */
function problemOf(key: string): string {
  if (key === '') return 'Paste a key.'
  return /^[!-~]+$/.test(key) ? '' : 'This is not an API key: it contains spaces or characters that no key has.'
}
