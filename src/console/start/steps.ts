import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { Query } from '../../client/generated/schema-types.ts'
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
import { logSnippet } from '../tenants/snippets.ts'
import { FIRST_CONVERSATION, PROGRESS } from './documents.ts'

type Named = Pick<TenantSummary, 'id' | 'name' | 'createdAt'>

interface Progress {
  tenants: { totalCount: number; nodes: readonly Named[] }
  apiKeys: { totalCount: number; nodes: readonly { id: string }[] }
}

/** An administrator's first steps, from nothing to a dashboard in a product. Once they are done, counts. */
export class Steps extends Part {
  static override properties: PropertyDeclarations = {
    progress: { state: true },
    tenantId: { state: true },
    hasConversation: { state: true },
    error: { state: true },
  }

  /** Null until it is known. */
  declare progress: Progress | null
  /** The tenant that the steps are about; empty: there is none yet. */
  declare tenantId: string
  /** Null if it is not known, or the key may not read it. */
  declare hasConversation: boolean | null
  declare error: unknown

  constructor() {
    super()
    this.progress = null
    this.tenantId = ''
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
    const isDone = progress.tenants.totalCount > 0 && this.#hasKey(progress) && this.hasConversation === true
    return html`${notice} ${progress.tenants.totalCount > 0 ? this.#renderCounts(progress) : nothing}
    ${this.#renderPick(progress)}
    ${
      isDone
        ? html`<details><summary>The first steps</summary>${this.#renderSteps(progress)}</details>`
        : this.#renderSteps(progress)
    }`
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
        this.hasConversation === false
          ? html`<button type="button" @click=${this.#load}>Check whether it has arrived</button>`
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

  #hasKey({ apiKeys }: Progress) {
    return apiKeys.nodes.some(({ id }) => id !== this.app.access.keyId)
  }

  readonly #load = async () => {
    this.error = null
    try {
      this.progress = await this.app.api.ask<Progress>(PROGRESS)
      const newest = this.progress.tenants.nodes.toSorted((one, other) => other.createdAt.localeCompare(one.createdAt))
      this.tenantId ||= newest[0]?.id ?? ''
      await this.#lookForConversation()
    } catch (error) {
      this.hasConversation = null
      this.error = error
    }
  }

  async #lookForConversation() {
    const { app, tenantId } = this
    if (!tenantId || !this.#mayRead) return
    const { conversations } = await app.api.ask<Pick<Query, 'conversations'>>(FIRST_CONVERSATION, {}, { tenantId })
    if (tenantId === this.tenantId) this.hasConversation = (conversations?.nodes.length ?? 0) > 0
  }

  readonly #onVisible = () => {
    // Somebody may be coming back from their terminal.
    if (document.visibilityState === 'visible') void this.#load()
  }

  readonly #pick = (tenantId: string) => {
    this.tenantId = tenantId
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
