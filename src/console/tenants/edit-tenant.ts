import { html, type PropertyDeclarations } from 'lit'
import type { UpdateTenantInput } from '../../client/generated/schema-types.ts'
import { define } from '../../embed/define.ts'
import { EditDialog } from '../parts/edit-dialog.ts'
import { FormValues, textField } from '../parts/fields.ts'
import { nameText } from '../parts/name.ts'
import { type TenantDetails, UPDATE_TENANT } from './documents.ts'
import { changesOf } from './settings.ts'
import { settingsFields, settingsOf } from './tenant-form.ts'

type Changes = Omit<UpdateTenantInput, 'id'>

/** Edits the name and settings of a tenant. */
export class EditTenant extends EditDialog<Changes> {
  static override properties: PropertyDeclarations = { tenant: { attribute: false } }

  declare tenant: TenantDetails

  protected heading(): string {
    return `Edit “${nameText(this.tenant.name)}”`
  }

  protected renderFields() {
    const { app, tenant, submission } = this
    return html`${textField({
      name: 'name',
      label: 'Name',
      required: true,
      value: tenant.name,
      problem: submission.problemOf('input.name'),
    })}
    ${settingsFields({ app, submission, settings: tenant })}`
  }

  protected readChanges(form: HTMLFormElement) {
    const { tenant } = this
    const name = new FormValues(form).text('name')
    return { ...(name === tenant.name ? {} : { name }), ...changesOf(tenant, settingsOf(form)) }
  }

  protected save(changes: Changes) {
    return this.app.api.ask(UPDATE_TENANT, { input: { id: this.tenant.id, ...changes } })
  }

  protected subject({ name }: Changes): string {
    return `The tenant “${nameText(name ?? this.tenant.name)}”`
  }
}

define('console-edit-tenant', EditTenant)
