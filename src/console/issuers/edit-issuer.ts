import { html, nothing, type PropertyDeclarations } from 'lit'
import type { Scope, TokenDocuments, UpdateTokenIssuerInput } from '../../client/generated/schema-types.ts'
import { define } from '../../embed/define.ts'
import { EditDialog } from '../parts/edit-dialog.ts'
import { FormValues, textField } from '../parts/fields.ts'
import { nameText, shownName } from '../parts/name.ts'
import { warning } from '../parts/notice.ts'
import { SCOPE_TEXTS, scopeList, TOKEN_SCOPES } from '../parts/scopes.ts'
import { type Issuer, UPDATE_ISSUER } from './documents.ts'
import { documentsField, enteredKeys, issuerFields, type KeySource, sourceOf } from './issuer-fields.ts'
import { IssuerUse } from './issuer-use.ts'

type Changes = Omit<UpdateTokenIssuerInput, 'id'>

/** Edits an issuer. A key with an expiry can only reduce its rights, because what it grants would outlive the key. */
export class EditIssuer extends EditDialog<Changes> {
  static override properties: PropertyDeclarations = {
    issuer: { attribute: false },
    source: { state: true },
    keysProblem: { state: true },
  }

  declare issuer: Issuer
  declare source: KeySource | null
  declare keysProblem: string | null
  readonly #use = new IssuerUse(this)

  constructor() {
    super()
    this.source = null
    this.keysProblem = null
  }

  protected heading(): string {
    return `Edit “${nameText(this.issuer.name ?? this.issuer.issuer)}”`
  }

  get #mayWiden() {
    return this.app.access.expiresAt === null
  }

  get #mayChangeDocuments() {
    return this.#mayWiden || this.issuer.documents === 'ANY'
  }

  get #source() {
    return this.source ?? sourceOf(this.issuer)
  }

  protected renderFields() {
    const { issuer } = this
    const { access } = this.app
    const problemOf = (name: string) => this.submission.problemOf(`input.${name}`)
    return html`<p class="hint">Issuer (iss): <code>${shownName(issuer.issuer)}</code>. Changes take effect from the next request on: a token
        that no longer fits is refused, and pages that use it show nothing.</p>
      ${this.#use.render()}
      ${
        this.#mayWiden
          ? nothing
          : html`<p class="notice">
              Your key expires, so it can only change the name, remove scopes and limit the documents. Anything more would
              outlive it.
            </p>`
      }
      ${textField({ name: 'name', label: 'Name', value: issuer.name ?? '', problem: problemOf('name') })}
      ${this.#mayWiden ? this.#renderTerms(problemOf) : nothing}
      ${scopeList(access, {
        checked: issuer.scopes,
        offered: this.#mayWiden ? TOKEN_SCOPES : issuer.scopes,
        problem: problemOf('scopes'),
        hint: 'The most that its tokens may do.',
      })}
      ${this.#renderLacked()}
      ${this.#mayChangeDocuments ? documentsField(issuer.documents, problemOf('documents')) : nothing}`
  }

  #renderTerms(problemOf: (name: string) => string | null) {
    return issuerFields({
      problemOf,
      source: this.#source,
      onSource: (source) => {
        this.source = source
        this.keysProblem = null
      },
      keysProblem: this.keysProblem,
      issuer: this.issuer,
    })
  }

  #renderLacked() {
    const lacked = this.issuer.scopes.filter((scope) => !this.app.access.scopes.has(scope))
    if (lacked.length === 0) return nothing
    const names = lacked.map((scope) => `“${SCOPE_TEXTS[scope].label}”`).join(', ')
    return warning(`This issuer has scopes that your key lacks: ${names}. If you save, the issuer loses them.`)
  }

  protected readChanges(form: HTMLFormElement) {
    const values = new FormValues(form)
    const { issuer } = this
    const changes: Changes = {}
    if (values.text('name') !== (issuer.name ?? '')) changes.name = values.textOrNull('name')
    const scopes = values.all<Scope>('scopes')
    if (!isSame([...scopes].sort(), [...issuer.scopes].sort())) changes.scopes = scopes
    const documents = values.text('documents') as TokenDocuments
    if (this.#mayChangeDocuments && documents !== issuer.documents) changes.documents = documents
    return this.#mayWiden ? this.#withTerms(changes, values) : changes
  }

  protected save(changes: Changes) {
    return this.app.api.ask(UPDATE_ISSUER, { input: { id: this.issuer.id, ...changes } })
  }

  protected subject(changes: Changes): string {
    const { name, issuer } = { ...this.issuer, ...changes }
    return `The issuer “${nameText(name ?? issuer)}”`
  }

  /** Null if the keys can't be read. */
  #withTerms(changes: Changes, values: FormValues): Changes | null {
    const { issuer } = this
    for (const field of ['audience', 'tenantClaim'] as const) {
      const text = values.text(field)
      if (text !== issuer[field]) changes[field] = text.trim()
    }
    const entered = enteredKeys(values, this.#source)
    this.keysProblem = 'problem' in entered ? entered.problem : null
    if ('problem' in entered) return null
    const current = issuer.jwksUrl == null ? { keys: issuer.keys } : { jwksUrl: issuer.jwksUrl }
    return isSame(entered.source, current) ? changes : { ...changes, ...entered.source }
  }
}

define('console-edit-issuer', EditIssuer)

/** Whether two values are the same as JSON. The keys of an issuer come as they were sent. */
const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)
