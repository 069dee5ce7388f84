import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { Query } from '../../client/generated/schema-types.ts'
import { define } from '../../embed/define.ts'
import { canPreview, isAdmin } from '../access.ts'
import { Part } from '../part.ts'
import { shownName } from '../parts/name.ts'
import { scopeBadges } from '../parts/scopes.ts'
import { relativeTime, time } from '../parts/text.ts'
import { hashOf } from '../routes.ts'
import { logSection, mayEmbed, mayLog } from '../tenants/embed-section.ts'
import { goToTenant } from '../tenants/go-to-tenant.ts'
import '../tenants/preview.ts'
import { VERSION } from './documents.ts'
import './steps.ts'

/** Who is signed in, and what to do first. */
export class StartPage extends Part {
  static override properties: PropertyDeclarations = { version: { state: true } }

  /** Of the server; empty until it is known. */
  declare version: string

  constructor() {
    super()
    this.version = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.app.api.ask<Pick<Query, 'limits'>>(VERSION).then(
      ({ limits }) => {
        this.version = limits?.embed.version ?? ''
      },
      // Only the version is missing then. Other requests say what is wrong.
      () => {},
    )
  }

  protected override render(): TemplateResult {
    const { app } = this
    if (isAdmin(app.access)) return html`<console-steps .app=${app}></console-steps>${this.#renderWho()}`
    const { tenant } = app.access
    if (tenant) return html`${this.#renderWho()} ${this.#renderTenant(tenant)}`
    return html`${this.#renderWho()} ${goToTenant(app)}`
  }

  #renderWho() {
    const { api, access } = this.app
    const { expiresAt, tenant } = access
    return html`<section class="section" aria-labelledby="who-heading">
      <h2 id="who-heading">Signed in</h2>
      <dl class="facts">
        <dt>Key</dt>
        <dd>${shownName(access.name)}</dd>
        <dt>For</dt>
        <dd>
          ${tenant ? html`The tenant <a href=${hashOf({ page: 'tenants', id: tenant.id })}>${shownName(tenant.name)}</a>` : 'The account: each request names its tenant'}
        </dd>
        <dt>Scopes</dt>
        <dd>${scopeBadges([...access.scopes])}</dd>
        <dt>Expires</dt>
        <dd>${expiresAt ? html`${time(expiresAt)}, ${relativeTime(expiresAt, api.now())}` : 'Never'}</dd>
        ${
          this.version
            ? html`<dt>Server</dt>
                <dd>Parley ${this.version}</dd>`
            : nothing
        }
      </dl>
    </section>`
  }

  #renderTenant({ id }: { id: string }) {
    const { app } = this
    return html`${mayLog(app) ? logSection(app, { id }) : nothing}
    ${mayEmbed(app) ? html`<p><a href=${hashOf({ page: 'tenants', id })}>Embed the dashboard in your product</a></p>` : nothing}
    ${
      canPreview(app.access)
        ? html`<section class="section" aria-labelledby="preview-heading">
            <h2 id="preview-heading">Preview</h2>
            <console-preview .app=${app} .tenantId=${id}></console-preview>
          </section>`
        : nothing
    }`
  }
}

define('console-start', StartPage)
