import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import { messageOf, ParleyRequestError } from '../client/errors.ts'
import { type Access, loadAccess } from './access.ts'
import { Api } from './api.ts'
import type { App } from './app.ts'
import { watchIdle } from './idle.ts'
import './idle-warning.ts'
import { Part } from './part.ts'
import type { DialogPart } from './parts/dialog-part.ts'
import { shownName } from './parts/name.ts'
import { explain } from './parts/notice.ts'
import { hasUnsavedSecret } from './parts/secret.ts'
import { hashOf, isAllowed, PAGES, type PageName, type Route, routeOf } from './routes.ts'

const IDLE_MS = 15 * 60_000
const WARNING_MS = 60_000

const TITLES: Readonly<Record<PageName, string>> = {
  start: 'Get started',
  keys: 'API keys',
  tenants: 'Tenants',
  issuers: 'Token issuers',
  audit: 'Audit log',
  limits: 'Limits and health',
}

/** The element of the dialog that is open. */
const OPEN_DIALOG = ':scope > :has(> dialog:not(.idle))'

const UNSAVED =
  'A secret was not confirmed as saved, or was on its way. If you don’t have it, look at the key, and regenerate it.'

/** The console. The key that somebody signs in with exists only in the `Api` of this page, until they leave. */
export class ParleyConsole extends Part {
  static override properties: PropertyDeclarations = {
    route: { state: true },
    access: { state: true },
    dialog: { state: true },
    message: { state: true },
    secondsLeft: { state: true },
  }

  /** The GraphQL endpoint, relative to the script, so that it is found below the path of a proxy, too. */
  readonly url: string = new URL('../graphql', import.meta.url).href
  declare access: Access | null
  declare route: Route
  declare dialog: TemplateResult | null
  /** The latest outcome, shown on the sign-in page or below the heading. */
  declare message: string
  /** Seconds until the sign-out for inactivity; null unless that is soon. */
  declare secondsLeft: number | null
  #app: App | null = null
  #stopWatching: () => void = () => {}
  /** Whether the heading of the next page gets the focus. */
  #hasMoved = false
  /** The outcome that the next page announces. */
  #outcome = ''

  constructor() {
    super()
    this.access = null
    this.route = { page: 'start' }
    this.dialog = null
    this.message = ''
    this.secondsLeft = null
  }

  override connectedCallback(): void {
    // Removes what the page shows until the script has loaded.
    this.replaceChildren()
    super.connectedCallback()
    addEventListener('hashchange', this.#onHash)
    addEventListener('beforeunload', this.#onLeave)
    // A page that the back button restores must have no key, either.
    addEventListener('pagehide', this.#onHide)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    removeEventListener('hashchange', this.#onHash)
    removeEventListener('beforeunload', this.#onLeave)
    removeEventListener('pagehide', this.#onHide)
    this.signOut('')
  }

  /** Signs in, or throws the server's error. */
  async signIn(key: string): Promise<void> {
    const onRefused = ({ message }: ParleyRequestError) => {
      if (this.#app?.api === api) this.signOut(`You were signed out because your key is no longer accepted: ${message}`)
    }
    const api = new Api({ url: this.url, key, onRefused })
    const access = await loadAccess(api)
    this.#app = this.#appOf(api, access)
    this.access = access
    this.route = routeOf(location.hash, access)
    this.message = ''
    this.#hasMoved = true
    this.#stopWatching = watchIdle({
      idleMs: IDLE_MS,
      warningMs: WARNING_MS,
      onWarning: (secondsLeft) => {
        this.secondsLeft = secondsLeft
      },
      onIdle: () => this.signOut('You were signed out after 15 minutes without activity.'),
    })
  }

  /** Forgets the key and everything that was read with it. */
  signOut(message: string): void {
    const unsaved = hasUnsavedSecret() ? ` ${UNSAVED}` : ''
    this.#stopWatching()
    this.#app?.api.end()
    this.#app = null
    this.access = null
    this.dialog = null
    this.secondsLeft = null
    this.message = `${message}${unsaved}`
  }

  protected override render(): TemplateResult {
    const app = this.#app
    if (!app) return html`<console-sign-in .owner=${this} .message=${this.message}></console-sign-in>`
    return html`<a class="skip" href="#main" @click=${this.#skip}>Skip to content</a>
      <header>
        <p class="brand">Parley <span>console</span></p>
        <p class="who">${shownName(app.access.name)}${app.access.tenant ? html` · ${shownName(app.access.tenant.name)}` : nothing}</p>
        <button type="button" @click=${() => this.signOut('You are signed out.')}>Sign out</button>
      </header>
      <nav aria-label="Pages">${this.#renderLinks(app)}</nav>
      <main id="main">
        <h1 tabindex="-1">${TITLES[this.route.page]}</h1>
        <p class="announcement" role="status">${this.message}</p>
        ${this.#renderPage(app)}
      </main>
      ${this.dialog ? keyed(this.dialog, this.dialog) : nothing}
      ${this.secondsLeft === null ? nothing : html`<console-idle-warning .secondsLeft=${this.secondsLeft}></console-idle-warning>`}`
  }

  protected override updated(): void {
    document.title = this.access ? `${TITLES[this.route.page]} · Parley console` : 'Sign in · Parley console'
    if (!this.#hasMoved || !this.access) return
    this.#hasMoved = false
    this.querySelector('h1')?.focus()
  }

  #renderLinks({ access }: App) {
    const pages = PAGES.filter((page) => isAllowed(page, access))
    const current = (page: PageName) => (page === this.route.page ? 'page' : nothing)
    return html`<ul>
      ${pages.map((page) => html`<li><a href=${hashOf({ page })} aria-current=${current(page)}>${this.#titleOf(page)}</a></li>`)}
    </ul>`
  }

  #titleOf(page: PageName) {
    return page === 'tenants' && this.access?.tenant ? 'Tenant' : TITLES[page]
  }

  #renderPage(app: App) {
    const { page, id } = this.route
    switch (page) {
      case 'start':
        return html`<console-start .app=${app}></console-start>`
      case 'keys':
        return html`<console-keys .app=${app} .tenantId=${id ?? ''}></console-keys>`
      case 'tenants': {
        const tenantId = app.access.tenant?.id ?? id
        return tenantId === undefined
          ? html`<console-tenants .app=${app}></console-tenants>`
          : html`<console-tenant .app=${app} .tenantId=${tenantId}></console-tenant>`
      }
      case 'issuers':
        return html`<console-issuers .app=${app}></console-issuers>`
      case 'audit':
        return html`<console-audit .app=${app} .actorId=${id ?? ''}></console-audit>`
      case 'limits':
        return html`<console-limits .app=${app}></console-limits>`
    }
  }

  #appOf(api: Api, access: Access): App {
    return {
      api,
      access,
      openDialog: (dialog) => {
        // Such as by a response that is late.
        if (this.querySelector<DialogPart>(OPEN_DIALOG)?.isLocked) return
        this.message = ''
        this.dialog = dialog
      },
      closeDialog: () => {
        this.dialog = null
      },
      announce: (text) => {
        this.message = text
      },
      goTo: (route, outcome = '') => {
        const hash = hashOf(route)
        if (hash === location.hash) {
          this.message = outcome
        } else {
          this.#outcome = outcome
          location.hash = hash
        }
      },
      signOut: (text) => this.signOut(text),
    }
  }

  readonly #onHash = () => {
    if (!this.access) return
    this.route = routeOf(location.hash, this.access)
    this.message = this.#outcome
    this.#outcome = ''
    this.#hasMoved = true
  }

  /** Moves the focus without changing the address, whose hash names a page. */
  readonly #skip = (event: Event) => {
    event.preventDefault()
    this.querySelector('h1')?.focus()
  }

  readonly #onLeave = (event: Event) => {
    if (hasUnsavedSecret()) event.preventDefault()
  }

  readonly #onHide = () => this.signOut('')
}

/** Why a sign-in failed, as a sentence. */
export function explainSignIn(error: unknown): string {
  if (!(error instanceof ParleyRequestError)) return messageOf(error)
  return error.code === 'UNAUTHENTICATED' ? error.message : explain(error)
}
