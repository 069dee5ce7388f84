import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { define } from '../../embed/define.ts'
import { Part } from '../part.ts'
import { errorNotice } from '../parts/notice.ts'
import { credentialIn } from '../parts/pasted.ts'
import { Submission } from '../parts/submission.ts'
import { type DecodedToken, decodeToken } from './decode-token.ts'
import { type Issuer, TEST_TOKEN, type TokenOutcome } from './documents.ts'
import { inShort, outcomeView } from './outcome-view.ts'
import { blamesOf, membersOf } from './token-blame.ts'
import { tokenView } from './token-view.ts'

/** Tests whether a token would be accepted and, if not, says why. Only this element holds the token. */
export class TestToken extends Part {
  static override properties: PropertyDeclarations = {
    issuers: { attribute: false },
    decoded: { state: true },
    outcome: { state: true },
    problem: { state: true },
  }

  declare issuers: readonly Issuer[]
  /** What was pasted, decoded; null if nothing was. */
  declare decoded: DecodedToken | null
  /** What the server says about the token in the field; null unless that was tested. */
  declare outcome: TokenOutcome | null
  declare problem: string
  #token = ''
  #wasSent = false
  readonly #submission = new Submission(this, { isRepeatable: true })

  constructor() {
    super()
    this.issuers = []
    this.decoded = null
    this.outcome = null
    this.problem = ''
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#clear()
  }

  protected override render(): TemplateResult {
    const { isSending, error } = this.#submission
    return html`<section class="section" aria-labelledby="test-heading">
      <h2 id="test-heading">Test a token</h2>
      <p class="lead">
        Paste a token of an issuer, or an embed token, to see whether Parley would accept it and, if not, why. The token
        is neither stored nor logged, and is gone when you leave this page.
      </p>
      <form class="section" novalidate autocomplete="off" @submit=${this.#test}>
        <div class="field">
          <label for="token">Token</label>
          <textarea id="token" rows="5" autocomplete="off" autocapitalize="off" spellcheck="false" data-1p-ignore
            data-lpignore="true" aria-invalid=${this.problem ? 'true' : 'false'} aria-describedby="token-problem"
            @input=${this.#read}></textarea>
          <p class="problem" id="token-problem" role="alert">${this.problem}</p>
        </div>
        <div class="buttons">
          <button class="primary" ?disabled=${isSending}>${isSending ? 'Testing…' : 'Test token'}</button>
          <button type="button" @click=${this.#onClear}>Clear</button>
        </div>
      </form>
      ${error && this.#wasSent ? errorNotice(error) : nothing}
      <p class="visually-hidden" role="status">${this.outcome ? inShort(this.outcome) : nothing}</p>
      <div class="pair">${this.#renderOutcome()} ${this.#renderToken()}</div>
    </section>`
  }

  #renderOutcome() {
    const { outcome, decoded } = this
    if (!outcome || !decoded) return nothing
    return outcomeView(outcome, membersOf(decoded, 'claims')['iss'], this.app.api.now())
  }

  #renderToken() {
    const { outcome, decoded, issuers } = this
    if (!decoded) return nothing
    return tokenView(decoded, outcome ? blamesOf(outcome, decoded, issuers) : [], this.app.api.now())
  }

  readonly #read = (event: InputEvent) => {
    this.#token = credentialIn((event.target as HTMLTextAreaElement).value)
    this.#wasSent = false
    this.outcome = null
    this.problem = ''
    this.decoded = this.#token === '' ? null : decodeToken(this.#token)
  }

  readonly #test = async (event: SubmitEvent) => {
    event.preventDefault()
    if (this.#submission.isSending) return
    const token = this.#token
    this.outcome = null
    this.problem = token === '' ? 'Paste a token.' : ''
    if (token === '') return this.querySelector('textarea')?.focus()
    this.#wasSent = true
    const { api } = this.app
    const answer = await this.#submission.run(() =>
      api.ask<{ testToken: TokenOutcome }>(TEST_TOKEN, { input: { token } }),
    )
    // Another one may have been pasted meanwhile.
    if (answer && this.#wasSent && token === this.#token) this.outcome = answer.testToken
  }

  readonly #onClear = () => {
    this.#clear()
    this.querySelector('textarea')?.focus()
  }

  #clear() {
    const field = this.querySelector('textarea')
    if (field) field.value = ''
    this.#token = ''
    this.#wasSent = false
    this.decoded = null
    this.outcome = null
    this.problem = ''
  }
}

define('console-test-token', TestToken)
