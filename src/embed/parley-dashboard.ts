import { Task } from '@lit/task'
import { html, nothing, type PropertyDeclarations, type PropertyValues } from 'lit'
import { ParleyRequestError } from '../client/errors.ts'
import type { Query } from '../client/generated/schema-types.ts'
import type { Session } from '../client/session.ts'
import { parseRangeOf } from './charts/series-request.ts'
import {
  type Choices,
  choicesOf,
  choose,
  countedIn,
  FACET_FIELDS,
  NO_CHOICES,
  withoutChoices,
  withoutTests,
} from './dashboard/choices.ts'
import { dashboardStyles } from './dashboard/dashboard.css.ts'
import { downloadCsv } from './dashboard/download-csv.ts'
import { renderFilterBar } from './dashboard/filter-bar.ts'
import { LiveNumbers } from './dashboard/live-numbers.ts'
import { isAllLoaded, stopRepeated } from './dashboard/part-events.ts'
import { type Handed, renderConversations, renderNumbers } from './dashboard/parts.ts'
import { describePeriod, periodOf } from './dashboard/period.ts'
import { type Picked, pickedOf } from './dashboard/picked.ts'
import { waitingSession } from './dashboard/waiting-session.ts'
import { define } from './define.ts'
import { FACETS } from './documents.ts'
import type { ParleyConversations } from './parley-conversations.ts'
import { ParleyElement } from './parley-element.ts'
import type { ParleySeries } from './parley-series.ts'
import { sameArguments } from './same-arguments.ts'
import type { SharedSession, Viewer } from './shared-session.ts'

/** What the token may read. */
interface Access {
  numbers: boolean
  conversations: boolean
}

/** The width from which on a conversation is shown beside the list, in pixels. */
const WIDE_PX = 760
const NO_BREAK_SPACE = '\u00a0'

/**
 * Key figures, a chart, and the conversations behind them, with what a reader needs to choose them. It shows what the
 * token may read, and asks for nothing else.
 */
export class ParleyDashboard extends ParleyElement<Access> {
  static override properties: PropertyDeclarations = {
    heading: {},
    range: {},
    interval: {},
    measures: {},
    groupBy: { attribute: 'group-by' },
    compare: { type: Boolean },
    live: { type: Boolean },
    conversationId: { attribute: 'conversation-id' },
    picked: { state: true },
    showsFilters: { state: true },
    isWide: { state: true },
  }

  static override styles = [...ParleyElement.styles, dashboardStyles]

  /** Text above everything. Empty: the tenant's name. Default: none. */
  declare heading: string | null
  declare range: string
  /** Default: one that suits the range. */
  declare interval: string | null
  declare measures: string
  declare groupBy: string | null
  declare compare: boolean
  /** Whether everything updates as conversations change. */
  declare live: boolean
  /** Id of the open conversation. */
  declare conversationId: string | null
  declare protected picked: Picked | null
  declare protected showsFilters: boolean
  declare protected isWide: boolean

  readonly #choices: Task<readonly unknown[], { session: Session | null; choices: Choices }>
  /** Of what was picked: it is not shown with another. */
  #session: Session | null = null
  readonly #waiting = waitingSession()
  readonly #sizes = new ResizeObserver(() => this.#measure())
  readonly #live = new LiveNumbers(() => {
    for (const part of this.#parts()) if (part.localName !== 'parley-conversations') void part.reload()
  })

  constructor() {
    super()
    this.heading = null
    this.range = 'last-30-days'
    this.interval = null
    this.measures = 'CONVERSATIONS'
    this.groupBy = null
    this.compare = false
    this.live = false
    this.conversationId = null
    this.picked = null
    this.showsFilters = false
    this.isWide = true
    this.#choices = new Task(this, {
      args: () => [this.currentSession, this.loaded?.conversations, this.range, this.zone, withoutChoices(this.filter)],
      argsEqual: sameArguments,
      // If it fails, there is less to choose from. The list and the numbers report any other error.
      task: (_args, { signal }) => this.#loadChoices(signal),
    })
  }

  /** What is shown, as CSV: the numbers of the chart, or the list if there are none. */
  exportCsv(): string {
    type Part = ParleySeries | ParleyConversations
    const part = (name: string) => this.renderRoot.querySelector<Part>(name)
    return (part('parley-series') ?? part('parley-conversations'))?.exportCsv() ?? ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#measure()
    this.#sizes.observe(this)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#sizes.disconnect()
    this.#live.follow(null)
    this.renderRoot.querySelector('dialog')?.close()
  }

  protected override loadArguments(): readonly unknown[] {
    return [this.range]
  }

  protected override async load(_shared: SharedSession, { scopes }: Viewer): Promise<Access> {
    const access = { numbers: scopes.includes('ANALYTICS_READ'), conversations: scopes.includes('CONVERSATIONS_READ') }
    if (!access.numbers && !access.conversations)
      throw new ParleyRequestError('The token may read neither.', 'FORBIDDEN')
    return access
  }

  protected override checkAttributes(): void {
    parseRangeOf(this.range, this.timeZone ?? 'UTC', 'MONDAY')
  }

  protected override isEmpty(): boolean {
    return false
  }

  /** The parts report `parley-load` themselves; the dashboard sends one event for all of them. */
  protected override emit(name: string, detail: object): void {
    if (name !== 'parley-load') super.emit(name, detail)
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed)
    const { currentSession } = this
    if (changed.has('filter') || changed.has('range') || currentSession !== this.#session) this.picked = null
    this.#session = currentSession
  }

  protected override updated(): void {
    const { loaded, live, currentSession } = this
    this.#live.follow(live && this.isConnected && loaded?.numbers && loaded.conversations ? currentSession : null)
    const dialog = this.renderRoot.querySelector('dialog')
    if (!dialog) return
    const covers = !this.isWide && this.conversationId !== null
    if (covers && !dialog.open) dialog.showModal()
    if (!covers && dialog.open) dialog.close()
  }

  protected override renderSkeleton(): unknown {
    return html`<div class="dashboard ${this.#layout}" @parley-error=${(event: Event) => event.stopPropagation()}>
      ${this.#renderHeading()}
      <div class="skeleton bar"></div>
      ${this.#renderNumbers(this.#waiting)}
      <div class="panes"><div class="card pane"></div><div class="card pane"></div></div>
    </div>`
  }

  protected override renderLoaded({ numbers, conversations }: Access): unknown {
    return html`
      <div class="dashboard ${this.#layout}" @parley-load=${this.#onPartLoad}
        @parley-error=${(event: Event) => stopRepeated(event, this.#parts())}>
        ${this.#renderHeading()}${this.#renderFilters()}
        ${numbers ? this.#renderNumbers(this.currentSession) : nothing} ${conversations ? this.#renderConversations() : nothing}
      </div>
    `
  }

  #measure() {
    this.isWide = this.clientWidth >= WIDE_PX
  }

  get #layout() {
    return this.isWide ? 'wide' : 'narrow'
  }

  #renderHeading() {
    if (this.heading === null) return html`<slot name="heading"></slot>`
    return html`<slot name="heading"><h2 part="title">${this.heading || this.viewer?.tenantName || NO_BREAK_SPACE}</h2></slot>`
  }

  #renderFilters() {
    const { loaded, filter, range, compare, interval, groupBy } = this
    const period = periodOf(range, this.zone)
    const { session, choices = NO_CHOICES } = this.#choices.value ?? {}
    return renderFilterBar({
      ...{ filter, range, compare, interval: interval ?? '', groupBy: groupBy ?? '' },
      text: (name, values) => this.text(name, values),
      period,
      rangeLabel: describePeriod(period, this.language, this.zone),
      choices: loaded?.conversations ? (session === this.currentSession ? choices : NO_CHOICES) : null,
      hasNumbers: loaded?.numbers ?? false,
      isOpen: this.showsFilters,
      onToggle: () => {
        this.showsFilters = !this.showsFilters
      },
      onRange: (value) => this.#change({ range: value }),
      onInterval: (value) => this.#change({ interval: value || null }),
      onChoice: (field, value) => this.#change({ filter: choose(this.filter, field, value) }),
      onGroupBy: (value) => this.#change({ groupBy: value || null }),
      onCompare: (value) => this.#change({ compare: value }),
      onExport: () => this.#download(),
    })
  }

  #renderNumbers(session: Session | null) {
    const { filter, range, interval, measures, groupBy, compare } = this
    return renderNumbers({
      ...this.#handed(),
      ...{ session, filter, range, interval, measures, groupBy, compare },
      onPick: ({ detail }) => {
        this.picked = pickedOf(detail, this.language, this.zone) ?? this.picked
      },
    })
  }

  #renderConversations() {
    const { picked, filter, live, conversationId } = this
    return renderConversations({
      ...this.#handed(),
      ...{ live, conversationId, picked: picked?.label ?? null },
      filter: picked?.filter ?? withoutTests(filter),
      range: picked ? null : this.range,
      onUnpick: () => {
        this.picked = null
      },
      onOpen: ({ detail }) => {
        this.conversationId = detail.conversationId
      },
      onBack: () => {
        this.conversationId = null
      },
      // It is closed as well when there is room beside the list: then the conversation stays open.
      onClose: () => {
        if (!this.isWide) this.conversationId = null
      },
      text: (name, values) => this.text(name, values),
    })
  }

  /** What all parts get. */
  #handed(): Handed {
    const { currentSession: session, texts, locale, timeZone } = this
    return { session, texts, locale, timeZone }
  }

  async #loadChoices(signal: AbortSignal) {
    const session = this.currentSession
    if (!session || !this.loaded?.conversations) return { session, choices: NO_CHOICES }
    const filter = countedIn(withoutChoices(this.filter), periodOf(this.range, this.zone))
    const variables = { fields: FACET_FIELDS, filter }
    const { conversationFacets } = await session.query<Pick<Query, 'conversationFacets'>>(FACETS, variables, { signal })
    return { session, choices: choicesOf(conversationFacets ?? []) }
  }

  #change(changed: Partial<Pick<ParleyDashboard, 'range' | 'interval' | 'filter' | 'groupBy' | 'compare'>>) {
    Object.assign(this, changed)
    // An interval that was chosen for a year says nothing about a day.
    if (changed.range) this.interval = null
    const { filter, range, interval, groupBy, compare } = this
    this.emit('parley-filter-change', { filter, range, interval, groupBy, compare })
  }

  #onPartLoad(event: Event) {
    event.stopPropagation()
    if (isAllLoaded(event, this.#parts())) super.emit('parley-load', {})
  }

  #parts() {
    return [...this.renderRoot.querySelectorAll<ParleyElement>('parley-metrics, parley-series, parley-conversations')]
  }

  #download() {
    downloadCsv(this.exportCsv(), `parley-${this.range.replaceAll('/', '-')}.csv`)
  }
}

define('parley-dashboard', ParleyDashboard)
