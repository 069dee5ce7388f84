import { html, type PropertyDeclarations } from 'lit'
import type { Query, UpdateApiKeyInput } from '../../client/generated/schema-types.ts'
import { define } from '../../embed/define.ts'
import { EditDialog } from '../parts/edit-dialog.ts'
import { FormValues, textField } from '../parts/fields.ts'
import { nameText } from '../parts/name.ts'
import { errorNotice } from '../parts/notice.ts'
import { KEY, type Key, UPDATE_KEY } from './documents.ts'
import { keyFacts } from './key-facts.ts'
import { keyFields, keySettings } from './key-form.ts'
import { KeyUse } from './key-use.ts'

type Settings = Omit<UpdateApiKeyInput, 'id'>

/** Edits anything about a key except its secret. */
export class EditKey extends EditDialog<Settings> {
  static override properties: PropertyDeclarations = {
    key: { attribute: false },
    current: { state: true },
    loadError: { state: true },
  }

  declare key: Key
  /** The key as it is now: that of the list may be hours old. */
  declare current: Key | null
  declare loadError: unknown
  readonly #use = new KeyUse(this)

  constructor() {
    super()
    this.current = null
    this.loadError = null
  }

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  async #load() {
    this.loadError = null
    try {
      const { apiKey } = await this.app.api.ask<Pick<Query, 'apiKey'>>(KEY, { id: this.key.id })
      this.current = apiKey ?? null
    } catch (error) {
      this.loadError = error
    }
  }

  protected heading(): string {
    return `Edit “${nameText(this.key.name)}”`
  }

  protected override get isReady(): boolean {
    return this.current !== null
  }

  protected renderFields() {
    const { current: key, submission } = this
    if (this.loadError) return errorNotice(this.loadError, () => this.#load())
    if (!key) return html`<p aria-busy="true">Loading…</p>`
    return html`${keyFacts(key)} ${this.#use.render('They lose the scopes that the key loses, and end when it expires.')}
    ${textField({
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
      value: localTime(key.expiresAt),
      hint: 'In your browser’s time zone. Leave it empty if the key should never expire.',
      problem: submission.problemOf('input.expiresAt'),
    })}
    ${keyFields({ access: this.app.access, submission, key, isAccountKey: key.tenantId == null, checked: [] })}
    <p class="hint">Changes take effect from the next request on: what uses the key may be refused then.</p>`
  }

  protected readChanges(form: HTMLFormElement) {
    return this.current && changesOf(this.current, new FormValues(form))
  }

  protected save(changes: Settings) {
    return this.app.api.ask(UPDATE_KEY, { input: { id: this.key.id, ...changes } })
  }

  protected subject({ name }: Settings): string {
    return `The key “${nameText(name ?? this.key.name)}”`
  }
}

define('console-edit-key', EditKey)

/** What the form changes: what somebody else has changed meanwhile stays as it is. */
function changesOf(key: Key, form: FormValues): Settings {
  const { autoCreateTenants, ...settings } = keySettings(form)
  const wanted: Settings = {
    name: form.text('name'),
    ...settings,
    ...(key.tenantId == null ? { autoCreateTenants } : {}),
  }
  const changed = Object.entries(wanted).filter(([name, value]) => !isSame(value, key[name as keyof Key]))
  // The field has no seconds, which a time that nobody has changed must not lose.
  const isSameTime = form.text('expiresAt') === localTime(key.expiresAt)
  return { ...Object.fromEntries(changed), ...(isSameTime ? {} : { expiresAt: form.time('expiresAt') }) }
}

/** Lists have no order here. */
const isSame = (one: unknown, other: unknown) => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
const sorted = (value: unknown) => (Array.isArray(value) ? value.toSorted() : (value ?? null))

/** A time as the value of a field of the type `datetime-local`. */
function localTime(iso: string | null | undefined): string {
  if (!iso) return ''
  const date = new Date(iso)
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
