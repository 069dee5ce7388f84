import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import type { RateLimit, Viewer } from '../../client/generated/schema-types.ts'
import { define } from '../../embed/define.ts'
import { Part } from '../part.ts'
import { shownName } from '../parts/name.ts'
import { errorNotice } from '../parts/notice.ts'
import { Poller } from '../parts/poller.ts'
import { scopeBadges } from '../parts/scopes.ts'
import { table } from '../parts/table.ts'
import { relativeTime, time } from '../parts/text.ts'
import { checkHealth, type Health } from './check-health.ts'
import { LIMITS, type LimitsAnswer } from './documents.ts'
import { formatLimit, LIMIT_NAMES, LIMIT_TEXTS, POLICY_TEXTS } from './limit-texts.ts'

const POLL_MS = 10_000
const SECOND_MS = 1_000

const KINDS: Readonly<Record<Viewer['kind'], string>> = {
  ACCOUNT_KEY: 'Account key',
  TENANT_KEY: 'Tenant key',
  EMBED_TOKEN: 'Embed token',
  ISSUER_TOKEN: 'Issuer token',
}

/** The server's health, its limits, and who is signed in. */
export class LimitsPage extends Part {
  static override properties: PropertyDeclarations = {
    health: { state: true },
    readiness: { state: true },
    checkedAt: { state: true },
    answer: { state: true },
  }

  /** Null until it is known. */
  declare health: Health | null
  declare readiness: Health | null
  /** By the browser's clock: a server that can't be reached doesn't tell the time. */
  declare checkedAt: string | null
  declare answer: LimitsAnswer | null
  /** When the rate limits were read, by the browser's clock. */
  #answeredAtMs = 0
  #clock: ReturnType<typeof setInterval> | undefined
  readonly #limits = new Poller(this, { everyMs: POLL_MS, poll: (signal) => this.#load(signal) })

  constructor() {
    super()
    this.health = null
    this.readiness = null
    this.checkedAt = null
    this.answer = null
    // A poller of its own, because health matters most while the server answers nothing else.
    new Poller(this, { everyMs: POLL_MS, poll: (signal) => this.#check(signal) })
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#clock = setInterval(() => this.requestUpdate(), SECOND_MS)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#clock)
  }

  protected override render(): TemplateResult {
    const { answer } = this
    const { error } = this.#limits
    return html`<section class="section" aria-labelledby="health">${this.#renderHealth()}</section>
      ${error ? errorNotice(error, () => this.#limits.now()) : nothing}
      ${
        answer
          ? html`<section class="section" aria-labelledby="rate-limits">${this.#renderRateLimits(answer.limits.rateLimits)}</section>
            <section class="section" aria-labelledby="own-key">${renderKey(answer.viewer)}</section>
            <section class="section" aria-labelledby="limits">${renderLimits(answer)}</section>`
          : html`<p aria-busy=${!error}>${error ? nothing : 'Loading…'}</p>`
      }`
  }

  #renderHealth() {
    const { checkedAt, answer } = this
    return html`<h2 id="health">Health</h2>
      <dl class="facts">
        <dt>Process</dt>
        <dd><div role="status">${healthBadge(this.health, { well: 'Running', unwell: 'Not running' })}</div></dd>
        <dt>Requests</dt>
        <dd><div role="status">${healthBadge(this.readiness, { well: 'Ready', unwell: 'Not ready: the database can’t serve requests, or the server is stopping' })}</div></dd>
        <dt>Version</dt>
        <dd>${answer?.limits.embed.version ?? '–'}</dd>
        <dt>Last checked</dt>
        <dd>${checkedAt ? html`${CLOCK.format(new Date(checkedAt))}` : '–'}</dd>
      </dl>`
  }

  #renderRateLimits(rateLimits: readonly RateLimit[]) {
    const passedS = Math.floor((Date.now() - this.#answeredAtMs) / SECOND_MS)
    return html`<h2 id="rate-limits">This minute’s requests</h2>
      ${
        rateLimits.length === 0
          ? html`<p>The server doesn’t limit the requests of this key.</p>`
          : html`<ul class="section">${rateLimits.map((rateLimit) => renderRateLimit(rateLimit, passedS))}</ul>`
      }`
  }

  async #check(signal: AbortSignal) {
    const check = (path: string) => checkHealth(new URL(path, this.app.api.url), signal)
    const [health, readiness] = await Promise.all([check('health'), check('ready')])
    if (signal.aborted) return
    this.health = health
    this.readiness = readiness
    this.checkedAt = new Date().toISOString()
  }

  async #load(signal: AbortSignal) {
    const answer = await this.app.api.ask<LimitsAnswer>(LIMITS, {}, { signal })
    this.#answeredAtMs = Date.now()
    this.answer = answer
  }
}

define('console-limits', LimitsPage)

const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

function healthBadge(health: Health | null, texts: { well: string; unwell: string }) {
  switch (health?.state) {
    case undefined:
      return 'Checking…'
    case 'well':
      return html`<span class="badge good">${texts.well}</span>`
    case 'unwell':
      return html`<span class="badge bad">${texts.unwell}</span>`
    case 'unreachable':
      return html`<span class="badge bad">Can’t be reached</span>`
    case 'unclear':
      return html`<span class="badge">Unknown</span>
        <span class="hint">Something else answered${health.status ? ` with status ${health.status}` : nothing}, such as a proxy that doesn’t forward this address.</span>`
  }
}

function renderRateLimit({ policy, limit, remaining, resetsInSeconds }: RateLimit, passedS: number) {
  const id = `rate-${policy}`
  const secondsLeft = Math.max(0, resetsInSeconds - passedS)
  return html`<li class="rate">
    <label for=${id}>${POLICY_TEXTS[policy] ?? policy}</label>
    <meter id=${id} min="0" max=${limit} .value=${remaining}></meter>
    <span>${remaining.toLocaleString('en')} of ${limit.toLocaleString('en')} left, resets in ${secondsLeft} s</span>
  </li>`
}

const renderKey = ({ kind, credentialId, name, scopes, expiresAt, tenant }: Viewer) =>
  html`<h2 id="own-key">Your key</h2>
    <dl class="facts">
      <dt>Name</dt><dd>${shownName(name)}</dd>
      <dt>Id</dt><dd class="mono">${credentialId}</dd>
      <dt>Kind</dt><dd>${KINDS[kind] ?? kind}</dd>
      ${tenant ? html`<dt>Tenant</dt><dd>${shownName(tenant.name)} <span class="mono">${shownName(tenant.id)}</span></dd>` : nothing}
      <dt>Scopes</dt><dd>${scopeBadges(scopes)}</dd>
      <dt>Expires</dt><dd>${expiresAt ? html`${time(expiresAt)} (${relativeTime(expiresAt, Date.now())})` : 'Never'}</dd>
    </dl>`

const renderLimits = ({ limits }: LimitsAnswer) =>
  html`<h2 id="limits">Limits</h2>
    <p class="lead">Anything beyond a limit is refused, never cut off.</p>
    ${table({
      label: 'Limits',
      rows: LIMIT_NAMES,
      keyOf: (name) => name,
      columns: [
        { label: 'Limit', cell: (name) => html`<code>${name}</code>` },
        { label: 'Meaning', cell: (name) => LIMIT_TEXTS[name] },
        { label: 'Value', cell: (name) => formatLimit(name, limits[name]) },
      ],
    })}`
