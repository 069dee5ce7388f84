import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit'
import type { ApiKeyStatus, Query } from '../../client/generated/schema-types.ts'
import { define } from '../../embed/define.ts'
import { Part } from '../part.ts'
import { ConnectionList } from '../parts/connection-list.ts'
import '../parts/countdown.ts'
import { select, textField } from '../parts/fields.ts'
import { listFrame } from '../parts/list-frame.ts'
import { nameText, shownName } from '../parts/name.ts'
import { scopeBadges } from '../parts/scopes.ts'
import { type Column, table } from '../parts/table.ts'
import { relativeTime, time } from '../parts/text.ts'
import { hashOf } from '../routes.ts'
import { KEY, KEYS, type Key } from './documents.ts'
import './edit-key.ts'
import './generate-key.ts'
import { isStronger, loadOwnKey } from './own-key.ts'
import './regenerate-key.ts'
import './revoke-key.ts'

const PAGE_SIZE = 50
const FILTER_DELAY_MS = 300

const STATUSES: Readonly<Record<ApiKeyStatus, { label: string; look: string }>> = {
  ACTIVE: { label: 'Active', look: 'good' },
  EXPIRED: { label: 'Expired', look: '' },
  REVOKED: { label: 'Revoked', look: 'bad' },
}
const STATUS_CHOICES = [
  { value: 'ACTIVE', label: 'Active' },
  { value: 'EXPIRED', label: 'Expired' },
  { value: 'REVOKED', label: 'Revoked' },
  { value: '', label: 'All' },
]

/** All keys of the account and its tenants. */
export class KeysPage extends Part {
  static override properties: PropertyDeclarations = {
    tenantId: { attribute: false },
    keyId: { attribute: false },
    status: { state: true },
    own: { state: true },
  }

  /** The tenant whose keys are shown first; empty for all keys. */
  declare tenantId: string
  /** The only key that is shown, whatever its status; empty for all keys. */
  declare keyId: string
  declare status: ApiKeyStatus | ''
  /** The signed-in key, which can't change a key that has more rights. */
  declare own: Key | null
  #tenantId = ''
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #keys = new ConnectionList<Key>(this, async (after, signal) => {
    if (this.keyId) return this.#loadOne(signal)
    const filter = {
      ...(this.status ? { statuses: [this.status] } : {}),
      ...(this.#tenantId ? { tenantIds: [this.#tenantId] } : {}),
    }
    const variables = { first: PAGE_SIZE, after, filter }
    const { apiKeys } = await this.app.api.ask<Required<Pick<Query, 'apiKeys'>>>(KEYS, variables, { signal })
    this.own ??= await loadOwnKey(this.app)
    return apiKeys ?? { nodes: [], pageInfo: { hasNextPage: false } }
  })

  constructor() {
    super()
    this.tenantId = ''
    this.keyId = ''
    this.status = 'ACTIVE'
    this.own = null
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('tenantId') && !changed.has('keyId')) return
    this.#tenantId = this.tenantId
    // A field keeps what was typed into it, even if its default changes.
    const field = this.querySelector<HTMLInputElement>('#tenant')
    if (field) field.value = this.tenantId
    void this.#keys.reload()
  }

  protected override render(): TemplateResult {
    return html`${this.keyId ? html`<p><a href=${hashOf({ page: 'keys' })}>Show all keys</a></p>` : this.#renderFilter()}
      ${listFrame(this.#keys, {
        noun: 'key',
        empty: this.#renderEmpty(),
        render: (keys) =>
          table({
            label: 'API keys',
            columns: this.#columns,
            rows: keys,
            keyOf: ({ id }) => id,
            actions: this.#actions,
          }),
      })}`
  }

  #renderFilter() {
    return html`<div class="toolbar">
        ${select({ name: 'status', label: 'Status', value: this.status, choices: STATUS_CHOICES, onChange: this.#setStatus })}
        ${textField({
          ...{ name: 'tenant', label: 'Tenant', placeholder: 'Any', required: true },
          ...{ value: this.tenantId, onInput: this.#setTenant },
        })}
        <button type="button" class="primary end" @click=${this.#generate}>Generate key</button>
      </div>`
  }

  async #loadOne(signal: AbortSignal) {
    const { apiKey } = await this.app.api.ask<Pick<Query, 'apiKey'>>(KEY, { id: this.keyId }, { signal })
    this.own ??= await loadOwnKey(this.app)
    return { nodes: apiKey ? [apiKey] : [], totalCount: apiKey ? 1 : 0, pageInfo: { hasNextPage: false } }
  }

  readonly #columns: readonly Column<Key>[] = [
    {
      label: 'Name',
      cell: (
        key,
      ) => html`<span>${shownName(key.name)} ${key.id === this.app.access.keyId ? html`<span class="badge">Yours</span>` : nothing}
        <span class="sub mono" id="hint-of-${key.id}">${key.hint}</span>${key.note ? html`<span class="sub">${shownName(key.note)}</span>` : nothing}</span>`,
    },
    { label: 'Status', cell: (key) => this.#renderStatus(key) },
    {
      label: 'Tenant',
      cell: ({ id, tenantId }) =>
        html`<span id="tenant-of-${id}">${tenantId ? html`<a href=${hashOf({ page: 'tenants', id: tenantId })}>${shownName(tenantId)}</a>` : 'Account'}</span>`,
    },
    { label: 'Scopes', cell: ({ scopes }) => scopeBadges(scopes) },
    {
      label: 'Last used',
      cell: ({ lastUsedAt, lastUsedAddress }) =>
        lastUsedAt
          ? html`<span>${relativeTime(lastUsedAt, this.app.api.now())}${lastUsedAddress ? html`<span class="sub">${lastUsedAddress}</span>` : nothing}</span>`
          : 'Never',
    },
    { label: 'Expires', cell: ({ expiresAt }) => (expiresAt ? time(expiresAt) : 'Never') },
  ]

  #renderStatus({ status, previousSecretExpiresAt: endsAt, revokedAt }: Key) {
    const { label, look } = STATUSES[status]
    const hasOverlap = status === 'ACTIVE' && endsAt && Date.parse(endsAt) > this.app.api.now()
    return html`<span><span class="badge ${look}">${label}</span>
      ${revokedAt ? html`<span class="sub">${time(revokedAt)}</span>` : nothing}
      ${
        hasOverlap
          ? html`<span class="sub">Old secret ends in
              <console-countdown .app=${this.app} .until=${endsAt} @over=${() => this.requestUpdate()}></console-countdown></span>`
          : nothing
      }</span>`
  }

  readonly #actions = (key: Key) => {
    if (key.status === 'REVOKED') return nothing
    const { app } = this
    const onDone = () => void this.#keys.reload()
    const mayChange = key.status === 'ACTIVE' && this.own && !isStronger(key, this.own)
    const button = (label: string, dialog: () => TemplateResult) =>
      html`<button type="button" aria-label="${label} ${nameText(key.name)}" aria-describedby="tenant-of-${key.id} hint-of-${key.id}" @click=${() => app.openDialog(dialog())}>${label}</button>`
    return html`<div class="buttons">
      ${
        mayChange
          ? html`${button('Edit', () => html`<console-edit-key .app=${app} .key=${key} .onDone=${onDone}></console-edit-key>`)}
            ${button('Regenerate', () => html`<console-regenerate-key .app=${app} .key=${key} .onDone=${onDone}></console-regenerate-key>`)}`
          : nothing
      }
      ${button('Revoke', () => html`<console-revoke-key .app=${app} .key=${key} .onDone=${onDone}></console-revoke-key>`)}
    </div>`
  }

  #renderEmpty() {
    if (this.keyId) return html`<p>There is no key with the id <code>${shownName(this.keyId)}</code>.</p>`
    return this.status === 'ACTIVE' && this.#tenantId
      ? html`<p>The tenant “${shownName(this.#tenantId)}” has no active key. Its back end needs one to log conversations.</p>
          <button type="button" @click=${this.#generate}>Generate its first key</button>`
      : html`<p>No keys match the filter.</p>`
  }

  readonly #generate = () => {
    const { app, own } = this
    const onDone = () => void this.#keys.reload()
    app.openDialog(
      html`<console-generate-key .app=${app} .own=${own} .tenantId=${this.#tenantId} .onDone=${onDone}></console-generate-key>`,
    )
  }

  readonly #setStatus = (status: string) => {
    this.status = status as ApiKeyStatus | ''
    void this.#keys.reload()
  }

  readonly #setTenant = (tenantId: string) => {
    this.#tenantId = tenantId.trim()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#keys.reload(), FILTER_DELAY_MS)
  }
}

define('console-keys', KeysPage)
