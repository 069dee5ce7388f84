import { html, nothing, type PropertyDeclarations, type PropertyValues } from 'lit'
import { ParleyRequestError } from '../../client/errors.ts'
import type { Mutation, RegisterTokenIssuerInput, Scope, TokenDocuments } from '../../client/generated/schema-types.ts'
import { define } from '../../embed/define.ts'
import { DialogPart } from '../parts/dialog-part.ts'
import { FormValues, focusProblem, textField } from '../parts/fields.ts'
import { nameText, shownName } from '../parts/name.ts'
import { errorNotice, warning } from '../parts/notice.ts'
import { scopeList, TOKEN_SCOPES } from '../parts/scopes.ts'
import { Submission } from '../parts/submission.ts'
import { type Issuer, REGISTER_ISSUER } from './documents.ts'
import { tokenGuide } from './example-claims.ts'
import { documentsField, enteredKeys, issuerFields, type KeySource } from './issuer-fields.ts'

const DEFAULT_SCOPES: readonly Scope[] = ['ANALYTICS_READ', 'CONVERSATIONS_READ']

/** Registers an issuer, and says what to do next. */
export class RegisterIssuer extends DialogPart {
  static override properties: PropertyDeclarations = {
    findIssuer: { attribute: false },
    onTest: { attribute: false },
    source: { state: true },
    keysProblem: { state: true },
    registered: { state: true },
    search: { state: true },
  }

  /** Reloads the list. Returns the issuer with this `iss`; null if there is none, undefined if that is not known. */
  declare findIssuer: (issuer: string) => Promise<Issuer | null | undefined>
  declare onTest: () => void
  declare source: KeySource
  declare keysProblem: string | null
  declare registered: Issuer | null
  /** The search for an issuer whose registration got no response; null unless there was one. */
  declare search: { issuer: string; outcome: 'searching' | 'found' | 'missing' | 'unknown' } | null
  // Not repeated automatically: the second attempt would be refused, because the first has taken the `iss`.
  readonly #submission = new Submission(this, { isRepeatable: false })

  constructor() {
    super()
    this.source = 'url'
    this.keysProblem = null
    this.registered = null
    this.search = null
  }

  protected heading(): string {
    return this.registered
      ? `“${nameText(this.registered.name ?? this.registered.issuer)}” is registered`
      : 'Register a token issuer'
  }

  protected renderBody() {
    if (this.registered) {
      return html`${this.search ? html`<p>No response arrived, but the issuer is in the list. Check there that it has the values that you entered.</p>` : nothing}
        ${tokenGuide(this.registered, this.app.api.now())}
        <p>Next, sign a token and test it on this page: you see whether Parley would accept it and, if not, why.</p>`
    }
    const problemOf = (name: string) => this.#submission.problemOf(`input.${name}`)
    return html`${textField({
      name: 'name',
      label: 'Name',
      hint: 'For administrators, such as “Our auth server”.',
      problem: problemOf('name'),
    })}
    ${textField({
      name: 'issuer',
      label: 'Issuer (iss)',
      required: true,
      hint: 'The exact iss of its tokens. It can’t be changed later.',
      problem: problemOf('issuer'),
    })}
    ${issuerFields({
      problemOf,
      source: this.source,
      onSource: (source) => {
        this.source = source
        this.keysProblem = null
      },
      keysProblem: this.keysProblem,
      issuer: null,
    })}
    ${scopeList(this.app.access, {
      checked: DEFAULT_SCOPES,
      offered: TOKEN_SCOPES,
      problem: problemOf('scopes'),
      hint: 'The most that its tokens may do. A token can name fewer.',
    })}
    ${documentsField('ANY', problemOf('documents'))} ${this.#renderError()}`
  }

  #renderError() {
    const { error } = this.#submission
    if (!error) return nothing
    return html`${errorNotice(error)} ${this.search ? warning(this.#renderSearch(this.search)) : nothing}`
  }

  #renderSearch({ issuer, outcome }: NonNullable<RegisterIssuer['search']>) {
    const start = html`No response arrived, so <code>${shownName(issuer)}</code> may have been registered.`
    if (outcome === 'missing')
      return html`<p>${start} It is not in the list now. You can register it again: if it was registered after all, the second attempt is refused and changes nothing.</p>`
    if (outcome === 'unknown')
      return html`<p>${start} The list could not be loaded.</p>
        <button type="button" @click=${() => void this.#look(issuer)}>Look again</button>`
    return html`<p>${start} Looking for it in the list…</p>`
  }

  protected renderButtons() {
    if (this.registered) {
      return html`${this.cancelButton('Close')} <button type="button" class="primary" @click=${this.#test}>Test a token</button>`
    }
    const { isSending } = this.#submission
    return html`${this.cancelButton()}
      <button class="primary" ?disabled=${isSending}>${isSending ? 'Registering…' : 'Register issuer'}</button>`
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('registered') && this.registered) this.querySelector<HTMLElement>('#dialog-heading')?.focus()
  }

  protected get lossText(): string {
    return 'No response arrived: the issuer may have been registered.'
  }

  protected override onAbandoned(): void {
    if (!this.registered) super.onAbandoned()
  }

  protected override async submit() {
    const input = this.#input()
    if (!input) {
      await this.updateComplete
      return focusProblem(this)
    }
    const { api } = this.app
    const answer = await this.#submission.run(() =>
      api.ask<Pick<Mutation, 'registerTokenIssuer'>>(REGISTER_ISSUER, { input }),
    )
    if (answer) {
      this.search = null
      this.registered = answer.registerTokenIssuer.tokenIssuer
      void this.findIssuer(input.issuer)
      return
    }
    const { wasLost, state, error } = this.#submission
    const isTaken = error instanceof ParleyRequestError && error.code === 'EXTERNAL_ID_TAKEN'
    if (state === 'lost' || (wasLost && isTaken)) return this.#look(input.issuer)
    this.search = null
    await this.updateComplete
    focusProblem(this)
  }

  /** What was entered; null if it must not be sent. */
  #input(): RegisterTokenIssuerInput | null {
    const form = this.querySelector('form')
    if (!form || this.#submission.isSending || this.registered) return null
    const values = new FormValues(form)
    const entered = enteredKeys(values, this.source)
    this.keysProblem = 'problem' in entered ? entered.problem : null
    if ('problem' in entered) return null
    return {
      name: values.textOrNull('name'),
      issuer: values.text('issuer').trim(),
      audience: values.text('audience').trim(),
      ...entered.source,
      tenantClaim: values.text('tenantClaim').trim(),
      scopes: values.all<Scope>('scopes'),
      documents: values.text('documents') as TokenDocuments,
    }
  }

  /** Finds out whether an attempt that got no response was carried out. */
  async #look(issuer: string) {
    this.search = { issuer, outcome: 'searching' }
    const found = await this.findIssuer(issuer)
    this.search = { issuer, outcome: found ? 'found' : found === null ? 'missing' : 'unknown' }
    this.registered = found ?? null
  }

  readonly #test = () => {
    this.close()
    this.onTest()
  }
}

define('console-register-issuer', RegisterIssuer)
