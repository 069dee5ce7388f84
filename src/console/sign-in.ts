import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { define } from '../embed/define.ts'
import { explainSignIn, type ParleyConsole } from './parley-console.ts'
import { Part } from './part.ts'

/** Asks for a key. It is not a password to remember: nothing of it is kept or offered to be kept. */
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
            Kept in this page only, until you leave or reload it. The server prints the first key when it starts for the
            first time; <code>npm run admin-key</code> on its machine makes another.
          </p>
        </div>
        <button class="primary" ?disabled=${this.isBusy}>${this.isBusy ? 'Signing in…' : 'Sign in'}</button>
      </form>
    </main>`
  }

  readonly #submit = async (event: SubmitEvent) => {
    event.preventDefault()
    if (this.isBusy) return
    const input = this.querySelector('input')
    const key = input?.value.trim() ?? ''
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

/** What a request could not even carry. */
function problemOf(key: string): string {
  if (key === '') return 'Paste a key.'
  return /^[!-~]+$/.test(key) ? '' : 'This is not an API key: it has spaces or characters that no key has.'
}
