import { html, nothing, type TemplateResult } from 'lit'
import type { Query } from '../../client/generated/schema-types.ts'
import { define } from '../../embed/define.ts'
import { isAdmin } from '../access.ts'
import { Part } from '../part.ts'
import { ConnectionList } from '../parts/connection-list.ts'
import { listFrame } from '../parts/list-frame.ts'
import { shownName } from '../parts/name.ts'
import { type Column, table } from '../parts/table.ts'
import { time } from '../parts/text.ts'
import { hashOf } from '../routes.ts'
import './create-tenant.ts'
import { TENANTS, type TenantSummary } from './documents.ts'
import { goToTenant } from './go-to-tenant.ts'

const PAGE_SIZE = 50

/** The tenants of the account, for an administrator. Others enter an id. */
export class TenantsPage extends Part {
  readonly #tenants = new ConnectionList<TenantSummary>(this, async (after, signal) => {
    const variables = { first: PAGE_SIZE, after }
    const { tenants } = await this.app.api.ask<Pick<Query, 'tenants'>>(TENANTS, variables, { signal })
    return tenants ?? { nodes: [], pageInfo: { hasNextPage: false } }
  })

  override connectedCallback(): void {
    super.connectedCallback()
    if (isAdmin(this.app.access)) void this.#tenants.reload()
  }

  protected override render(): TemplateResult {
    if (!isAdmin(this.app.access)) {
      return html`<p class="lead">Your key works for any tenant, but isn’t allowed to list them. Enter the id of the tenant.</p>
        ${goToTenant(this.app)}`
    }
    return html`<div class="toolbar">
        ${goToTenant(this.app)}
        <button type="button" class="primary end" @click=${this.#create}>Create tenant</button>
      </div>
      ${listFrame(this.#tenants, {
        noun: 'tenant',
        empty: this.#renderEmpty(),
        render: (rows) => table({ label: 'Tenants', columns: this.#columns, rows, keyOf: ({ id }) => id }),
      })}`
  }

  readonly #columns: readonly Column<TenantSummary>[] = [
    {
      label: 'Id',
      cell: ({ id }) => html`<a class="mono" href=${hashOf({ page: 'tenants', id })}>${shownName(id)}</a>`,
    },
    { label: 'Name', cell: ({ name }) => shownName(name) },
    { label: 'Time zone', cell: ({ timeZone }) => timeZone },
    {
      label: 'Allowed origins',
      cell: ({ allowedOrigins }) => (allowedOrigins.length === 0 ? 'None of its own' : lines(allowedOrigins)),
    },
    { label: 'Created', cell: ({ createdAt }) => time(createdAt) },
  ]

  #renderEmpty() {
    return html`<h2>No tenants yet</h2>
      <p class="lead">
        A tenant is a customer of your product. Everything that you log belongs to one tenant, and no tenant can see the
        data of another.
      </p>
      <button type="button" @click=${this.#create}>Create the first tenant</button>`
  }

  readonly #create = () => {
    const { app } = this
    const onDone = (id: string, outcome: string) => app.goTo({ page: 'tenants', id }, outcome)
    app.openDialog(html`<console-create-tenant .app=${app} .onDone=${onDone}></console-create-tenant>`)
  }
}

define('console-tenants', TenantsPage)

const lines = (texts: readonly string[]) =>
  html`<span>${texts.map((text, index) => html`${index > 0 ? html`<br />` : nothing}${text}`)}</span>`
