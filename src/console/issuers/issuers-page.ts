import { html, nothing, type TemplateResult } from 'lit'
import type { Query } from '../../client/generated/schema-types.ts'
import { define } from '../../embed/define.ts'
import { Part } from '../part.ts'
import { ConnectionList } from '../parts/connection-list.ts'
import { listFrame } from '../parts/list-frame.ts'
import { nameText, shownName } from '../parts/name.ts'
import { scopeBadges, TOKEN_SCOPES } from '../parts/scopes.ts'
import { type Column, table } from '../parts/table.ts'
import { relativeTime, time } from '../parts/text.ts'
import './delete-issuer.ts'
import { ISSUERS, type Issuer } from './documents.ts'
import './edit-issuer.ts'
import { DOCUMENT_TEXTS, keysText } from './issuer-fields.ts'
import './register-issuer.ts'
import './rotate-key.ts'
import './test-token.ts'

const PAGE_SIZE = 50

/** Token issuers, the test of a token, and Parley's own signing key. */
export class IssuersPage extends Part {
  readonly #issuers = new ConnectionList<Issuer>(this, async (after, signal) => {
    const variables = { first: PAGE_SIZE, after }
    const { tokenIssuers } = await this.app.api.ask<Pick<Query, 'tokenIssuers'>>(ISSUERS, variables, { signal })
    return tokenIssuers ?? { nodes: [], pageInfo: { hasNextPage: false } }
  })

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#issuers.reload()
  }

  protected override render(): TemplateResult {
    return html`<div class="toolbar">
        <p class="lead">
          A token issuer is your own auth server. Parley accepts the tokens that it signs, so your back end doesn’t
          have to request embed tokens.
        </p>
        ${this.#issuers.nodes?.length && this.#hindrance() === null ? this.#renderRegister('end') : nothing}
      </div>
      ${this.#issuers.nodes?.length ? this.#renderHindrance() : nothing}
      ${listFrame(this.#issuers, {
        noun: 'issuer',
        empty: this.#renderEmpty(),
        render: (issuers) =>
          table({
            label: 'Token issuers',
            columns: this.#columns,
            rows: issuers,
            keyOf: ({ id }) => id,
            actions: this.#actions,
          }),
      })}
      <console-test-token .app=${this.app} .issuers=${this.#issuers.nodes ?? []}></console-test-token>
      ${this.#renderOwn()}`
  }

  readonly #columns: readonly Column<Issuer>[] = [
    {
      label: 'Issuer',
      cell: ({ name, issuer, createdAt }) =>
        html`<span>${name ? html`${shownName(name)} <span class="sub mono">${shownName(issuer)}</span>` : html`<span class="mono">${shownName(issuer)}</span>`}
          <span class="sub">Created ${time(createdAt)}</span></span>`,
    },
    { label: 'Audience', cell: ({ audience }) => html`<span class="mono">${shownName(audience)}</span>` },
    { label: 'Keys', cell: keysText },
    { label: 'Tenant claim', cell: ({ tenantClaim }) => html`<code>${shownName(tenantClaim)}</code>` },
    { label: 'Scopes', cell: ({ scopes }) => scopeBadges(scopes) },
    {
      label: 'Allowed documents',
      cell: ({ documents }) =>
        html`<span title=${DOCUMENT_TEXTS[documents].meaning}>${DOCUMENT_TEXTS[documents].label}</span>`,
    },
    {
      label: 'Last used',
      cell: ({ lastUsedAt, lastUsedAddress, lastUsedUserAgent }) =>
        lastUsedAt
          ? html`<span>${relativeTime(lastUsedAt, this.app.api.now())}
              ${lastUsedAddress ? html`<span class="sub">${lastUsedAddress}</span>` : nothing}
              ${lastUsedUserAgent ? html`<span class="sub">${shownName(lastUsedUserAgent)}</span>` : nothing}</span>`
          : 'Never',
    },
  ]

  readonly #actions = (issuer: Issuer) => {
    const { app } = this
    const onDone = () => void this.#issuers.reload()
    const button = (label: string, dialog: () => TemplateResult) =>
      html`<button type="button" aria-label="${label} ${nameText(issuer.name ?? issuer.issuer)}"
        @click=${() => app.openDialog(dialog())}>${label}</button>`
    return html`<div class="buttons">
      ${
        hasTokenScope(issuer.scopes, app.access.scopes)
          ? button(
              'Edit',
              () => html`<console-edit-issuer .app=${app} .issuer=${issuer} .onDone=${onDone}></console-edit-issuer>`,
            )
          : nothing
      }
      ${button('Delete', () => html`<console-delete-issuer .app=${app} .issuer=${issuer} .onDone=${onDone}></console-delete-issuer>`)}
    </div>`
  }

  #renderEmpty() {
    return html`<p><strong>No token issuer is registered.</strong></p>
      <p>
        You need one only if your own auth server signs the tokens for pages that show conversations. If your back end
        creates embed tokens with <code>createEmbedToken</code>, you don’t need one.
      </p>
      <p>
        First, look up three things in your auth server: the <code>iss</code> of its tokens, the <code>aud</code> that
        it will give tokens for Parley, and the URL of its public keys (JWKS). Then register it, and test a token.
      </p>
      ${this.#hindrance() === null ? this.#renderRegister() : this.#renderHindrance()}`
  }

  #renderRegister(place = '') {
    return html`<button type="button" class="primary ${place}" @click=${this.#register}>Register issuer</button>`
  }

  /** Why the key can't register an issuer; null if it can. */
  #hindrance() {
    const { expiresAt, scopes } = this.app.access
    if (expiresAt !== null) {
      return html`Your key expires on ${time(expiresAt)}, so it can’t register an issuer: the issuer would outlive it.
        Sign in with a key that does not expire.`
    }
    return hasTokenScope(TOKEN_SCOPES, scopes)
      ? null
      : html`Your key can’t register an issuer, because it has none of the scopes that an issuer can grant. Sign in
        with a key that can read analytics or conversations.`
  }

  #renderHindrance() {
    const hindrance = this.#hindrance()
    return hindrance ? html`<p class="notice">${hindrance}</p>` : nothing
  }

  #renderOwn() {
    const { app } = this
    return html`<section class="section" aria-labelledby="own-heading">
      <h2 id="own-heading">Parley’s own tokens</h2>
      <p class="lead">
        Embed tokens, which <code>createEmbedToken</code> creates, are signed with Parley’s own key. Rotating it
        interrupts nobody.
      </p>
      <p><button type="button" @click=${() => app.openDialog(html`<console-rotate-key .app=${app}></console-rotate-key>`)}>Rotate signing key</button></p>
    </section>`
  }

  readonly #register = () => {
    const { app } = this
    app.openDialog(
      html`<console-register-issuer .app=${app} .findIssuer=${this.#find} .onTest=${this.#focusToken}></console-register-issuer>`,
    )
  }

  readonly #find = async (name: string): Promise<Issuer | null | undefined> => {
    const list = this.#issuers
    const found = () => list.nodes?.find(({ issuer }) => issuer === name) ?? null
    await list.reload()
    while (!list.error && !found() && list.hasMore) await list.more()
    return list.error ? undefined : found()
  }

  readonly #focusToken = () => this.querySelector<HTMLElement>('#token')?.focus()
}

define('console-issuers', IssuersPage)

const hasTokenScope = (given: Issuer['scopes'] | typeof TOKEN_SCOPES, own: ReadonlySet<string>) =>
  given.some((scope) => own.has(scope))
