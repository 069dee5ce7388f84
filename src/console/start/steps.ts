import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { ApiKey, Query } from '../../client/generated/schema-types.ts'
import { define } from '../../embed/define.ts'
import '../keys/generate-key.ts'
import { loadOwnKey } from '../keys/own-key.ts'
import { Part } from '../part.ts'
import { snippet } from '../parts/copy-button.ts'
import { select } from '../parts/fields.ts'
import { nameText } from '../parts/name.ts'
import { errorNotice } from '../parts/notice.ts'
import { countOf } from '../parts/text.ts'
import { hashOf } from '../routes.ts'
import '../tenants/create-tenant.ts'
import type { TenantSummary } from '../tenants/documents.ts'
import { goToTenant } from '../tenants/go-to-tenant.ts'
import { logSnippet } from '../tenants/snippets.ts'
import { FIRST_CONVERSATION, FIRST_KEY, PROGRESS } from './documents.ts'

type Named = Pick<TenantSummary, 'id' | 'name' | 'createdAt'>

interface Progress {
  tenants: { totalCount: number; nodes: readonly Named[] }
  apiKeys: { totalCount: number; nodes: readonly Pick<ApiKey, 'id' | 'tenantId' | 'scopes'>[] }
}

/** Whether all tenants are known. With more of them, the first steps are long done, and nobody would pick from a list. */
const knowsAll = ({ tenants: { nodes, totalCount } }: Progress) => nodes.length >= totalCount

/** An administrator's first steps, from nothing to a dashboard in a product. Once they are done, counts. */
export class Steps extends Part {
  static override properties: PropertyDeclarations = {
    progress: { state: true },
    tenantId: { state: true },
    isOpen: { state: true },
    hasTenantKey: { state: true },
    hasConversation: { state: true },
    error: { state: true },
  }

  /** Null until it is known. */
  declare progress: Progress | null
  /** The tenant that the steps are about; empty: there is none yet. */
  declare tenantId: string
  /** Whether the steps are shown. They are folded at first if all is done, and then only by the reader. */
  declare isOpen: boolean
  declare hasTenantKey: boolean
  /** Null if it is not known, or the key may not read it. */
  declare hasConversation: boolean | null
  declare error: unknown
  /** The tenant for which the steps were last opened or left folded. */
  #judged: string | null = null
  /** The tenant whose first conversation somebody has looked for. */
  #checked: string | null = null

  constructor() {
    super()
    this.progress = null
    this.tenantId = ''
    this.isOpen = false
    this.hasTenantKey = false
    this.hasConversation = null
    this.error = null
  }

  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener('visibilitychange', this.#onVisible)
    void this.#load()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener('visibilitychange', this.#onVisible)
  }

  protected override render(): TemplateResult {
    const { progress, error } = this
    const notice = error ? errorNotice(error, this.#load) : nothing
    if (!progress) return html`${error ? notice : html`<p aria-busy="true" role="status">Loading…</p>`}`
    const counts = progress.tenants.totalCount > 0 ? this.#renderCounts(progress) : nothing
    if (!knowsAll(progress)) return html`${notice} ${counts} ${goToTenant(this.app)}`
    return html`${notice} ${counts}
    ${this.#renderPick(progress)}
    <details .open=${this.isOpen} @toggle=${this.#onToggle}>
      <summary>The first steps</summary>
      ${this.#renderSteps(progress)}
    </details>`
  }

  #renderCounts({ tenants, apiKeys }: Progress) {
    return html`<p class="buttons">
      <a class="button" href=${hashOf({ page: 'tenants' })}>${countOf(tenants.totalCount, 'tenant')}</a>
      <a class="button" href=${hashOf({ page: 'keys' })}>${countOf(apiKeys.totalCount, 'active key')}</a>
    </p>`
  }

  #renderSteps(progress: Progress) {
    const { tenantId } = this
    return html`<ol class="steps">
        ${step(1, 'Create the first tenant', progress.tenants.totalCount > 0, this.#renderTenantStep(progress))}
        ${step(2, 'Generate a key for your back end', this.#hasKey(progress), this.#renderKeyStep())}
        ${step(3, 'Log a conversation', this.hasConversation, tenantId ? this.#renderLogStep() : nothing)}
        ${step(4, 'Embed the dashboard', null, tenantId ? this.#renderEmbedStep() : nothing)}
      </ol>`
  }

  /** Which tenant the steps are about, if there are several. */
  #renderPick({ tenants: { nodes } }: Progress) {
    if (nodes.length < 2) return nothing
    const choices = nodes.map(({ id, name }) => ({ value: id, label: name === id ? id : `${nameText(name)} (${id})` }))
    return html`<div class="toolbar">
      ${select({ name: 'stepsTenant', label: 'Tenant', value: this.tenantId, choices, onChange: this.#pick })}
    </div>`
  }

  #renderTenantStep({ tenants }: Progress) {
    if (tenants.totalCount > 0) return nothing
    return html`<p>
        A tenant is a customer of your product. Everything that you log belongs to one tenant, and no tenant can see the data of
        another.
      </p>
      <button type="button" class="primary" @click=${this.#createTenant}>Create tenant</button>`
  }

  #renderKeyStep() {
    if (!this.tenantId) return nothing
    return html`<p>Your back end logs conversations and creates tokens with a key of its own. The secret is shown only once.</p>
      <button type="button" @click=${this.#generateKey}>Generate key</button>`
  }

  #renderLogStep() {
    return html`<p>Paste the key into the first line, then run this in a terminal. Running it again changes nothing.</p>
      ${snippet('Terminal', logSnippet({ url: this.app.api.url, tenantId: this.tenantId }))}
      ${
        this.hasConversation === false || this.#checked === this.tenantId
          ? html`<button type="button" @click=${this.#check}>Check whether it has arrived</button>`
          : nothing
      }
      ${this.#mayRead ? nothing : html`<p class="hint">Your key isn’t allowed to read conversations, so this page can’t tell whether one has arrived.</p>`}`
  }

  #renderEmbedStep() {
    const href = hashOf({ page: 'tenants', id: this.tenantId })
    return html`<p>
      <a href=${href}>The tenant’s page</a> has the three files that show its dashboard in your product, ready to copy, and
      a preview of the dashboard.
    </p>`
  }

  get #mayRead() {
    return this.app.access.scopes.has('CONVERSATIONS_READ')
  }

  /** Whether a back end can log for the tenant, with a key other than the signed-in one. */
  #hasKey({ apiKeys }: Progress) {
    const isBackEnds = ({ id, tenantId, scopes }: Progress['apiKeys']['nodes'][number]) =>
      !tenantId && id !== this.app.access.keyId && scopes.includes('CONVERSATIONS_WRITE')
    return this.tenantId !== '' && (this.hasTenantKey || apiKeys.nodes.some(isBackEnds))
  }

  readonly #load = async () => {
    this.error = null
    try {
      const progress = await this.app.api.ask<Progress>(PROGRESS)
      const newest = progress.tenants.nodes.toSorted((one, other) => other.createdAt.localeCompare(one.createdAt))
      if (knowsAll(progress)) this.tenantId ||= newest[0]?.id ?? ''
      const { tenantId } = this
      const [hasTenantKey, hasConversation] = await Promise.all([
        this.#findKey(tenantId),
        this.#findConversation(tenantId),
      ])
      // Another one may have been picked meanwhile.
      if (tenantId !== this.tenantId) return
      this.progress = progress
      this.hasTenantKey = hasTenantKey
      this.hasConversation = hasConversation
      this.#openUnlessDone(progress)
    } catch (error) {
      this.hasConversation = null
      this.error = error
    }
  }

  /** Once for each tenant: then it is up to the reader. */
  #openUnlessDone(progress: Progress) {
    if (this.#judged === this.tenantId) return
    this.#judged = this.tenantId
    if (!this.#hasKey(progress) || this.hasConversation !== true) this.isOpen = true
  }

  async #findKey(tenantId: string): Promise<boolean> {
    if (!tenantId) return false
    const { apiKeys } = await this.app.api.ask<Pick<Query, 'apiKeys'>>(FIRST_KEY, { tenantId })
    return (apiKeys?.nodes.length ?? 0) > 0
  }

  async #findConversation(tenantId: string): Promise<boolean | null> {
    if (!tenantId || !this.#mayRead) return null
    const { api } = this.app
    const { conversations } = await api.ask<Pick<Query, 'conversations'>>(FIRST_CONVERSATION, {}, { tenantId })
    return (conversations?.nodes.length ?? 0) > 0
  }

  readonly #check = async () => {
    const { app, tenantId } = this
    // The button stays: it has the focus.
    this.#checked = tenantId
    // The same text twice would be announced only once.
    app.announce('')
    await this.#load()
    if (!this.isConnected || this.error || tenantId !== this.tenantId) return
    app.announce(this.hasConversation ? 'It has arrived.' : 'Nothing has arrived yet.')
  }

  readonly #onToggle = (event: Event) => {
    this.isOpen = (event.target as HTMLDetailsElement).open
  }

  readonly #onVisible = () => {
    // Somebody may be coming back from their terminal.
    if (document.visibilityState === 'visible') void this.#load()
  }

  readonly #pick = (tenantId: string) => {
    this.tenantId = tenantId
    this.#checked = null
    void this.#load()
  }

  readonly #createTenant = () => {
    const { app } = this
    const onDone = (id: string, outcome: string) => {
      this.tenantId = id
      app.announce(outcome)
      void this.#load()
    }
    app.openDialog(html`<console-create-tenant .app=${app} .onDone=${onDone}></console-create-tenant>`)
  }

  readonly #generateKey = async () => {
    const { app, tenantId } = this
    try {
      const own = await loadOwnKey(app)
      // Somebody may have left meanwhile, or opened another dialog.
      if (!this.isConnected || document.querySelector('dialog')) return
      app.openDialog(
        html`<console-generate-key .app=${app} .own=${own} .tenantId=${tenantId} .onDone=${this.#load}></console-generate-key>`,
      )
    } catch (error) {
      this.error = error
    }
  }
}

define('console-steps', Steps)

/** A step, and whether it is done; null if that is not known. */
const step = (number: number, title: string, isDone: boolean | null, body: unknown) =>
  html`<li class="card">
    <h2>${number}. ${title} ${isDone ? html`<span class="badge good">Done</span>` : nothing}</h2>
    ${body}
  </li>`
