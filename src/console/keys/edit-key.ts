import { html, nothing, type PropertyDeclarations } from 'lit'
import { define } from '../../embed/define.ts'
import { DialogPart } from '../parts/dialog-part.ts'
import { FormValues, focusProblem, textField } from '../parts/fields.ts'
import { nameText } from '../parts/name.ts'
import { errorNotice } from '../parts/notice.ts'
import { Submission } from '../parts/submission.ts'
import { type Key, UPDATE_KEY } from './documents.ts'
import { keyFacts } from './key-facts.ts'
import { keyFields, keySettings } from './key-form.ts'

/** Changes anything about a key except its secret. */
export class EditKey extends DialogPart {
  static override properties: PropertyDeclarations = { key: { attribute: false }, onDone: { attribute: false } }

  declare key: Key
  declare onDone: () => void
  readonly #submission = new Submission(this, { isRepeatable: true })

  protected heading(): string {
    return `Edit “${nameText(this.key.name)}”`
  }

  protected renderBody() {
    const { key } = this
    const submission = this.#submission
    return html`${keyFacts(key)} ${textField({
      name: 'name',
      label: 'Name',
      required: true,
      value: key.name,
      problem: submission.problemOf('input.name'),
    })}
    ${textField({
      name: 'expiresAt',
      label: 'Expires',
      type: 'datetime-local',
      value: key.expiresAt ? localTime(key.expiresAt) : '',
      hint: 'In your browser’s time zone. Leave it empty if the key should never expire.',
      problem: submission.problemOf('input.expiresAt'),
    })}
    ${keyFields({ access: this.app.access, submission, key, isAccountKey: key.tenantId == null, checked: [] })}
    ${submission.error ? errorNotice(submission.error) : nothing}`
  }

  protected renderButtons() {
    const { isSending } = this.#submission
    return html`${this.cancelButton()}
      <button class="primary" ?disabled=${isSending}>${isSending ? 'Saving…' : 'Save'}</button>`
  }

  protected override async submit() {
    const form = this.querySelector('form')
    if (!form || this.#submission.isSending) return
    const values = new FormValues(form)
    const { key } = this
    const { autoCreateTenants, ...settings } = keySettings(values)
    const input = {
      ...{ id: key.id, name: values.text('name'), ...settings },
      ...(key.tenantId == null ? { autoCreateTenants } : {}),
      // The field has no seconds, which a time that nobody has changed must not lose.
      ...(values.text('expiresAt') === localTime(key.expiresAt ?? '') ? {} : { expiresAt: values.time('expiresAt') }),
    }
    const answer = await this.#submission.run(() => this.app.api.ask(UPDATE_KEY, { input }))
    await this.updateComplete
    if (!answer) return focusProblem(this)
    this.close()
    this.app.announce(`The key “${nameText(input.name)}” was updated.`)
    this.onDone()
  }
}

define('console-edit-key', EditKey)

/** A time as the value of a field of the type `datetime-local`. */
function localTime(iso: string): string {
  if (!iso) return ''
  const date = new Date(iso)
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
