import { html, nothing, type PropertyDeclarations } from 'lit'
import type { Mutation, Query, Scope } from '../../client/generated/schema-types.ts'
import { define } from '../../embed/define.ts'
import { FormValues, select, textField } from '../parts/fields.ts'
import { nameText, shownName } from '../parts/name.ts'
import { SecretDialog } from '../parts/secret-dialog.ts'
import { GENERATE_KEY, type Key, TENANT_IDS } from './documents.ts'
import { keyFields, keySettings } from './key-form.ts'

const DAY_MS = 86_400_000
const EXPIRIES = [
  { value: 'never', label: 'Never' },
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
  { value: 'date', label: 'On a date' },
] as const
/** What a back end needs to log conversations and to show them in a page. */
const FOR_A_BACK_END: readonly Scope[] = [
  'ANALYTICS_READ',
  'CONVERSATIONS_READ',
  'CONVERSATIONS_WRITE',
  'EMBED_TOKENS_CREATE',
]

type Answer = Pick<Mutation, 'generateApiKey'>

/** Generates a key and shows its secret. */
export class GenerateKey extends SecretDialog<Answer> {
  static override properties: PropertyDeclarations = {
    tenantId: { attribute: false },
    own: { attribute: false },
    isAccountKey: { state: true },
    expiry: { state: true },
    tenants: { state: true },
  }

  /** The tenant that is filled in at first. */
  declare tenantId: string
  declare own: Key | null
  declare isAccountKey: boolean
  declare expiry: string
  declare tenants: readonly string[]
  /** The start of an expiry such as 30 days. Each attempt has the same: a repeated one must have the same input. */
  #openedMs = 0
  protected readonly document = GENERATE_KEY
  protected readonly lossText =
    'No response arrived: the key may have been generated, with a secret that nobody knows. If it is in the list, revoke it.'

  constructor() {
    super()
    this.tenantId = ''
    this.own = null
    this.isAccountKey = false
    this.expiry = ''
    this.tenants = []
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#openedMs = this.app.api.now()
    if (!this.#canBindToTenant) this.isAccountKey = true
    if (!this.expiry) this.expiry = this.own?.expiresAt ? 'date' : 'never'
    // Only suggestions: an id can be typed without them.
    const load = this.app.api.ask<Pick<Query, 'tenants'>>(TENANT_IDS)
    load.then(
      ({ tenants }) => {
        this.tenants = tenants?.nodes.map(({ id }) => id) ?? []
      },
      () => {},
    )
  }

  protected get formHeading(): string {
    return 'Generate an API key'
  }

  /** Whether one's own key has a scope that the key of a tenant can have. */
  get #canBindToTenant() {
    return [...this.app.access.scopes].some((scope) => scope !== 'ADMIN')
  }

  protected renderForm() {
    const { submission, own, isAccountKey } = this
    const problemOf = (name: string) => submission.problemOf(`input.${name}`)
    return html`${textField({
      name: 'name',
      label: 'Name',
      required: true,
      hint: 'What uses the key, such as “Support back end”.',
      problem: problemOf('name'),
    })}
    ${select({
      name: 'kind',
      label: 'For',
      value: isAccountKey ? 'account' : 'tenant',
      choices: [
        ...(this.#canBindToTenant ? [{ value: 'tenant', label: 'One tenant' }] : []),
        { value: 'account', label: 'The account: each request names its tenant' },
      ],
      ...(this.#canBindToTenant ? {} : { hint: 'Your own key has no scope that the key of a tenant can have.' }),
      onChange: (value) => {
        this.isAccountKey = value === 'account'
      },
    })}
    ${
      isAccountKey
        ? nothing
        : textField({
            name: 'tenantId',
            label: 'Tenant',
            required: true,
            value: this.tenantId,
            suggestions: this.tenants,
            hint: 'The id of the tenant.',
            problem: problemOf('tenantId'),
          })
    }
    ${select({
      name: 'expiry',
      label: 'Expires',
      value: this.expiry,
      choices: EXPIRIES.filter(({ value }) => value !== 'never' || !own?.expiresAt),
      onChange: (value) => {
        this.expiry = value
      },
      problem: this.expiry === 'date' ? null : problemOf('expiresAt'),
    })}
    ${
      this.expiry === 'date'
        ? textField({
            name: 'expiresAt',
            label: 'Date',
            type: 'datetime-local',
            required: true,
            hint: 'In your browser’s time zone.',
            problem: problemOf('expiresAt'),
          })
        : nothing
    }
    ${keyFields({ access: this.app.access, submission, key: null, isAccountKey, checked: FOR_A_BACK_END })}`
  }

  protected renderSubmit(isSending: boolean) {
    return html`<button class="primary" ?disabled=${isSending}>${isSending ? 'Generating…' : 'Generate key'}</button>`
  }

  protected async readInput() {
    const form = this.querySelector('form')
    if (!form) return null
    const values = new FormValues(form)
    return {
      name: values.text('name'),
      ...(this.isAccountKey ? {} : { tenantId: values.text('tenantId').trim() }),
      expiresAt: this.#expiresAt(values),
      ...keySettings(values),
    }
  }

  protected outcomeOf({ generateApiKey: { secret, apiKey } }: Answer) {
    const fact = apiKey.tenantId
      ? html`A key for the tenant <code>${shownName(apiKey.tenantId)}</code>. Send it as <code>Authorization: Bearer …</code>.`
      : html`A key for the account. Send it as <code>Authorization: Bearer …</code>, with the tenant in <code>X-Tenant-Id</code>.`
    return { secret, name: apiKey.name, announcement: `The key “${nameText(apiKey.name)}” was generated.`, fact }
  }

  #expiresAt(values: FormValues): string | null {
    if (this.expiry === 'never') return null
    if (this.expiry === 'date') return values.time('expiresAt')
    return new Date(this.#openedMs + Number(this.expiry) * DAY_MS).toISOString()
  }
}

define('console-generate-key', GenerateKey)
