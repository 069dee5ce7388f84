import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { ParleyRequestError, RETRIED_CODES } from '../../client/errors.ts'
import type { Mutation, Scope } from '../../client/generated/schema-types.ts'
import type { Session } from '../../client/session.ts'
import type { FetchToken } from '../../client/token-source.ts'
import { define } from '../../embed/define.ts'
import { createSession } from '../../embed/kit.ts'
import { Part } from '../part.ts'
import { errorNotice, warning } from '../parts/notice.ts'
import { PREVIEW_TOKEN } from './documents.ts'

const SHOWN: readonly Scope[] = ['ANALYTICS_READ', 'CONVERSATIONS_READ']
const TOKEN_SECONDS = 600
const MIN_TOKEN_SECONDS = 60
/** The server's clock is known to the second, and the request takes a while. */
const MARGIN_SECONDS = 5

/** The dashboard as the tenant's users see it, with real tokens. The session ends with the element. */
export class Preview extends Part {
  static override properties: PropertyDeclarations = {
    tenantId: { attribute: false },
    session: { state: true },
    problem: { state: true },
  }

  declare tenantId: string
  /** Null unless the preview is shown. */
  declare session: Session | null
  /** Why there is no token, if an automatic retry won't help. */
  declare problem: unknown

  constructor() {
    super()
    this.session = null
    this.problem = null
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#hide()
  }

  protected override render(): TemplateResult {
    if (this.problem) return this.#renderProblem()
    if (!this.session) return html`<div><button type="button" @click=${this.#show}>Show preview</button></div>`
    return html`<div><button type="button" @click=${this.#hide}>Hide preview</button></div>
      <section class="preview" aria-label="The tenant’s dashboard">
        <parley-dashboard live .session=${this.session}></parley-dashboard>
      </section>`
  }

  #renderProblem() {
    const isUnset = this.problem instanceof ParleyRequestError && this.problem.code === 'NOT_CONFIGURED'
    return html`${errorNotice(this.problem, this.#show)}
    ${
      isUnset
        ? warning(html`<p>
            This server can’t create tokens, so no page can show a dashboard yet. Set <code>SIGNING_KEY_SECRET</code> to 32 or
            more random characters, the same for all of its processes, and restart them.
          </p>`)
        : nothing
    }`
  }

  readonly #show = () => {
    this.#hide()
    this.problem = null
    this.session = createSession({ url: this.app.api.url, fetchToken: this.#fetchToken })
  }

  readonly #hide = () => {
    this.session?.logout()
    this.session = null
  }

  readonly #fetchToken: FetchToken = async ({ signal }) => {
    const { app, tenantId } = this
    try {
      const input = {
        subject: 'console preview',
        expiresInSeconds: this.#tokenSeconds(),
        documents: 'COMPONENTS',
        scopes: SHOWN.filter((scope) => app.access.scopes.has(scope)),
      }
      const answer = await app.api.ask<Pick<Mutation, 'createEmbedToken'>>(
        PREVIEW_TOKEN,
        { input },
        { tenantId, signal },
      )
      return answer.createEmbedToken
    } catch (error) {
      if (!signal.aborted && !isPassing(error)) {
        this.problem = error
        this.#hide()
      }
      throw error
    }
  }

  /** No token may outlive the key. */
  #tokenSeconds() {
    const { api, access } = this.app
    if (access.expiresAt === null) return TOKEN_SECONDS
    const secondsLeft = Math.floor((Date.parse(access.expiresAt) - api.now()) / 1_000) - MARGIN_SECONDS
    if (secondsLeft >= MIN_TOKEN_SECONDS) return Math.min(TOKEN_SECONDS, secondsLeft)
    throw new ParleyRequestError(
      'Your key expires too soon to create a token, which must be valid for at least a minute.',
      'KEY_EXPIRES',
    )
  }
}

define('console-preview', Preview)

/** Whether the dashboard retries by itself. */
const isPassing = (error: unknown) =>
  error instanceof ParleyRequestError && (error.code === 'UNREACHABLE' || RETRIED_CODES.has(error.code))
