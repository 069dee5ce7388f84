import { html, nothing, type PropertyDeclarations } from 'lit'
import { define } from '../../embed/define.ts'
import { DialogPart } from '../parts/dialog-part.ts'
import { FormValues, focusProblem, textField } from '../parts/fields.ts'
import { nameText } from '../parts/name.ts'
import { errorNotice, warning } from '../parts/notice.ts'
import { Submission } from '../parts/submission.ts'
import { type TenantDetails, UPDATE_TENANT } from './documents.ts'
import { changesOf } from './settings.ts'
import { settingsFields, settingsOf } from './tenant-form.ts'

/** Changes the name and settings of a tenant. Only changes are sent: others may edit the tenant, too. */
export class EditTenant extends DialogPart {
  static override properties: PropertyDeclarations = { tenant: { attribute: false }, onDone: { attribute: false } }

  declare tenant: TenantDetails
  declare onDone: () => void
  /** Not repeated automatically: that would also undo what somebody else changed meanwhile. */
  readonly #submission = new Submission(this, { isRepeatable: false })

  protected heading(): string {
    return `Edit “${nameText(this.tenant.name)}”`
  }

  protected renderBody() {
    const { app, tenant } = this
    const submission = this.#submission
    return html`${textField({
      name: 'name',
      label: 'Name',
      required: true,
      value: tenant.name,
      problem: submission.problemOf('input.name'),
    })}
    ${settingsFields({ app, submission, settings: tenant })}
    ${submission.error ? errorNotice(submission.error) : nothing}
    ${
      submission.state === 'lost'
        ? warning(
            'No response arrived, so the changes may have been saved. They were not sent again automatically, because that could undo what somebody else changed meanwhile. The page behind this dialog shows the current settings: close the dialog to compare them.',
          )
        : nothing
    }`
  }

  protected renderButtons() {
    return this.saveButtons(this.#submission)
  }

  protected override async submit() {
    const form = this.querySelector('form')
    if (!form) return
    const { app, tenant } = this
    const name = new FormValues(form).text('name')
    const changes = { ...(name === tenant.name ? {} : { name }), ...changesOf(tenant, settingsOf(form)) }
    if (Object.keys(changes).length === 0) {
      this.close()
      return app.announce('Nothing was changed.')
    }
    const input = { id: tenant.id, ...changes }
    const answer = await this.#submission.run(() => app.api.ask(UPDATE_TENANT, { input }))
    await this.updateComplete
    // Somebody may have been signed out meanwhile.
    if (!this.isConnected) return
    if (this.#submission.state === 'lost') this.onDone()
    if (!answer) return focusProblem(this)
    this.close()
    app.announce(`The tenant “${nameText(name)}” was updated.`)
    this.onDone()
  }
}

define('console-edit-tenant', EditTenant)
