import { html, type PropertyDeclarations } from 'lit'
import type { Mutation } from '../../client/generated/schema-types.ts'
import { define } from '../../embed/define.ts'
import { DialogPart } from '../parts/dialog-part.ts'
import { FormValues, focusProblem, textField } from '../parts/fields.ts'
import { nameText } from '../parts/name.ts'
import { failureNotice } from '../parts/notice.ts'
import { Submission } from '../parts/submission.ts'
import { CREATE_TENANT } from './documents.ts'
import { changesOf, DEFAULTS } from './settings.ts'
import { settingsFields, settingsOf } from './tenant-form.ts'

/** Creates a tenant. */
export class CreateTenant extends DialogPart {
  static override properties: PropertyDeclarations = { onDone: { attribute: false } }

  /** Called with the tenant's id and the outcome. */
  declare onDone: (tenantId: string, outcome: string) => void
  readonly #submission = new Submission(this, { isRepeatable: true })
  /** Of the first attempt with this input, by the server's clock. */
  #first = { input: '', atMs: 0 }

  protected heading(): string {
    return 'Create a tenant'
  }

  protected renderBody() {
    const submission = this.#submission
    const hasProblem = Object.keys(DEFAULTS).some((name) => submission.problemOf(`input.${name}`))
    return html`${textField({
      name: 'id',
      label: 'Id',
      required: true,
      placeholder: 'acme',
      hint: 'Your own id for this customer: up to 64 characters without spaces. It can’t be changed later.',
      problem: submission.problemOf('input.id'),
    })}
    ${textField({
      name: 'name',
      label: 'Name',
      required: true,
      placeholder: 'Acme',
      problem: submission.problemOf('input.name'),
    })}
    <details ?open=${hasProblem}>
      <summary>Settings</summary>
      <div class="dialog-body">${settingsFields({ app: this.app, submission, settings: DEFAULTS })}</div>
    </details>
    ${failureNotice(submission, 'No response arrived, so the tenant may have been created. Try again: nothing is created twice.')}`
  }

  protected renderButtons() {
    const { isSending } = this.#submission
    return html`${this.cancelButton()}
      <button class="primary" ?disabled=${isSending}>${isSending ? 'Creating…' : 'Create tenant'}</button>`
  }

  protected get lossText(): string {
    return 'No response arrived: the tenant may have been created.'
  }

  protected override async submit() {
    const form = this.querySelector('form')
    if (!form || this.#submission.isSending) return
    const { api } = this.app
    const values = new FormValues(form)
    const input = { id: values.text('id').trim(), name: values.text('name'), ...changesOf(DEFAULTS, settingsOf(form)) }
    const text = JSON.stringify(input)
    if (text !== this.#first.input) this.#first = { input: text, atMs: api.now() }
    const answer = await this.#submission.run(() => api.ask<Pick<Mutation, 'createTenant'>>(CREATE_TENANT, { input }))
    await this.updateComplete
    // Somebody may have been signed out meanwhile.
    if (!this.isConnected) return
    if (!answer) return focusProblem(this)
    const { created, tenant } = answer.createTenant
    // An attempt that got no response may have created it.
    const isOwn = created || (this.#submission.wasLost && Date.parse(tenant.createdAt) >= this.#first.atMs)
    this.close()
    this.onDone(
      tenant.id,
      isOwn
        ? `The tenant “${nameText(tenant.id)}” was created.`
        : `The tenant “${nameText(tenant.id)}” already exists; nothing was changed.`,
    )
  }
}

define('console-create-tenant', CreateTenant)
