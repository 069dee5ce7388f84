import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import { ParleyRequestError } from '../../client/errors.ts'
import { define } from '../../embed/define.ts'
import { canPreview, isAdmin } from '../access.ts'
import { Part } from '../part.ts'
import { shownName } from '../parts/name.ts'
import { errorNotice } from '../parts/notice.ts'
import { hashOf } from '../routes.ts'
import { TENANT, type TenantDetails } from './documents.ts'
import './edit-tenant.ts'
import { embedSection, logSection, mayEmbed, mayLog } from './embed-section.ts'
import './preview.ts'
import './revoke-tokens.ts'
import { tenantFacts } from './tenant-facts.ts'

interface Answer {
  viewer: { tenant: TenantDetails | null }
}

/** One tenant: its settings, how to embed its dashboard, and a preview of it. */
export class TenantPage extends Part {
  static override properties: PropertyDeclarations = {
    tenantId: { attribute: false },
    onShown: { attribute: false },
    tenant: { state: true },
    error: { state: true },
  }

  declare tenantId: string
  /** Called when the tenant is known, because the page is called by its name. */
  declare onShown: (tenant: TenantDetails) => void
  /** Null until it is known. */
  declare tenant: TenantDetails | null
  declare error: unknown
  #loading = new AbortController()

  constructor() {
    super()
    this.tenantId = ''
    this.tenant = null
    this.error = null
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#loading.abort()
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('tenantId')) return
    this.tenant = null
    void this.#load()
  }

  protected override render(): TemplateResult {
    const { app, tenant, error } = this
    const back = app.access.tenant ? nothing : html`<p><a href=${hashOf({ page: 'tenants' })}>Other tenants</a></p>`
    if (error) return html`${back} ${this.#renderError(error)}`
    if (!tenant) return html`${back}<p aria-busy="true" role="status">Loading…</p>`
    return html`${back}
      ${tenantFacts(tenant)} ${this.#renderButtons(tenant)}
      ${
        canPreview(app.access)
          ? html`<section class="section" aria-labelledby="preview-heading">
              <h2 id="preview-heading">Preview</h2>
              <p class="lead">The dashboard as this tenant’s users see it, with a token like theirs.</p>
              ${keyed(tenant.id, html`<console-preview .app=${app} .tenantId=${tenant.id}></console-preview>`)}
            </section>`
          : nothing
      }
      ${mayLog(app) ? logSection(app, tenant) : nothing} ${mayEmbed(app) ? embedSection(app, tenant, () => this.#edit(tenant)) : nothing}`
  }

  #renderError(error: unknown) {
    // An account key may name any tenant, whether it exists or not.
    const isUnknown = error instanceof ParleyRequestError && error.code === 'NOT_FOUND'
    return isUnknown
      ? html`<div class="empty"><p>There is no tenant with the id <code>${shownName(this.tenantId)}</code>.</p></div>`
      : errorNotice(error, this.#load)
  }

  #renderButtons(tenant: TenantDetails) {
    const { app } = this
    const { access } = app
    return html`<div class="buttons">
      ${
        isAdmin(access)
          ? html`<button type="button" @click=${() => this.#edit(tenant)}>Edit settings</button>
              <a class="button" href=${hashOf({ page: 'keys', by: 'tenant', id: tenant.id })}>Keys of this tenant</a>`
          : nothing
      }
      ${
        access.scopes.has('EMBED_TOKENS_CREATE')
          ? html`<button type="button" @click=${() => app.openDialog(html`<console-revoke-tokens .app=${app} .tenantId=${tenant.id}></console-revoke-tokens>`)}>
              Revoke all tokens
            </button>`
          : nothing
      }
    </div>`
  }

  #edit(tenant: TenantDetails) {
    const { app } = this
    app.openDialog(
      html`<console-edit-tenant .app=${app} .tenant=${tenant} .onDone=${this.#load}></console-edit-tenant>`,
    )
  }

  readonly #load = async () => {
    const { app, tenantId } = this
    this.#loading.abort()
    this.#loading = new AbortController()
    const { signal } = this.#loading
    this.error = null
    try {
      const variables = { isAdmin: isAdmin(app.access) }
      const { viewer } = await app.api.ask<Answer>(TENANT, variables, { tenantId, signal })
      if (signal.aborted) return
      this.tenant = viewer.tenant
      if (viewer.tenant) this.onShown(viewer.tenant)
      if (!viewer.tenant) this.error = new ParleyRequestError('There is no such tenant.', 'NOT_FOUND')
    } catch (error) {
      if (!signal.aborted) this.error = error
    }
  }
}

define('console-tenant', TenantPage)
