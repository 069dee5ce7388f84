import { html, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit'
import type { AuditEventFilter } from '../../client/generated/schema-types.ts'
import { downloadCsv } from '../../embed/dashboard/download-csv.ts'
import { define } from '../../embed/define.ts'
import { Part } from '../part.ts'
import { listFrame } from '../parts/list-frame.ts'
import { Poller } from '../parts/poller.ts'
import { table } from '../parts/table.ts'
import { auditColumns } from './audit-columns.ts'
import { auditCsv } from './audit-csv.ts'
import { EMPTY_FORM, type FilterForm, filterFields, readFilter, readForm } from './audit-filter.ts'
import { AuditLog } from './audit-log.ts'
import { liveStatus } from './live-status.ts'

const POLL_MS = 5_000
const FILTER_DELAY_MS = 300
/** How often relative times are updated, even if nothing is polled. */
const CLOCK_MS = 30_000

const RECORDS =
  'The log records changes to keys, tenants, token issuers and registered documents, created and revoked tokens, deleted conversations, and refused attempts.'

/** Who did what, as it happens. */
export class AuditPage extends Part {
  static override properties: PropertyDeclarations = { actorId: {}, form: { state: true } }

  /** The actor whose events are shown first; empty for all. */
  declare actorId: string
  declare form: FilterForm
  /** Its times stay the same while pages are loaded, so that the pages fit together. */
  #filter: AuditEventFilter = {}
  /** The values of the form when the filter was last applied. */
  #applied = ''
  #filterTimer: ReturnType<typeof setTimeout> | undefined
  #clock: ReturnType<typeof setInterval> | undefined
  readonly #log = new AuditLog(this, { filter: () => this.#filter, isReading: () => this.#isReading() })
  readonly #poller = new Poller(this, { everyMs: POLL_MS, poll: (signal) => this.#log.poll(signal) })
  readonly #columns = auditColumns({ nowMs: () => this.app.api.now(), onActor: (id) => this.#showActor(id) })

  constructor() {
    super()
    this.actorId = ''
    this.form = EMPTY_FORM
  }

  override connectedCallback(): void {
    if (this.actorId) this.#filter = { actorIds: [this.actorId] }
    super.connectedCallback()
    if (!this.#poller.isOn) void this.#log.reload()
    this.#clock = setInterval(() => this.requestUpdate(), CLOCK_MS)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#filterTimer)
    clearInterval(this.#clock)
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('actorId')) this.#showActor(this.actorId)
  }

  protected override render(): TemplateResult {
    const shown = this.#log.list.nodes ?? []
    return html`<form class="section" novalidate autocomplete="off" aria-label="Filter" @submit=${this.#submit}
        @input=${this.#filterSoon} @change=${this.#apply}>
        ${filterFields(
          this.form,
          html`<button type="button" @click=${this.#reset}>Reset</button>
            <button type="button" class="end" ?disabled=${shown.length === 0} @click=${this.#export}>Export shown events</button>`,
        )}
      </form>
      <div class="live">
        <p class="check">
          <input type="checkbox" role="switch" id="live" .checked=${this.#poller.isOn} @change=${this.#setLive} />
          <label for="live">Live</label>
        </p>
        ${liveStatus(this.#log, this.#poller, this.#showNew)}
      </div>
      <div class="log">
        ${listFrame(this.#log.list, {
          noun: 'event',
          empty: this.#renderEmpty(),
          render: (rows) => table({ label: 'Audit log', columns: this.#columns, rows, keyOf: ({ id }) => id }),
        })}
      </div>`
  }

  #renderEmpty() {
    if (Object.keys(this.#filter).length === 0) return html`<p>Nothing has been recorded yet. ${RECORDS}</p>`
    return html`<p>No events match the filter. ${RECORDS}</p>
      <button type="button" @click=${this.#reset}>Show all events</button>`
  }

  /** Whether the reader has scrolled, focused the table, opened an event or selected text. */
  #isReading() {
    const log = this.querySelector('.log')
    const selection = getSelection()
    const hasMarked = selection?.isCollapsed === false && log?.contains(selection.anchorNode)
    return (
      scrollY > 0 ||
      hasMarked ||
      log?.querySelector('details[open]') != null ||
      log?.contains(document.activeElement) === true
    )
  }

  #showActor(id: string) {
    const input = this.querySelector<HTMLInputElement>('#actor')
    if (!input) return
    const isShown = (this.#filter.actorIds?.[0] ?? '') === id
    input.value = id
    if (!isShown) this.#apply()
  }

  readonly #apply = () => {
    clearTimeout(this.#filterTimer)
    const form = this.querySelector('form')
    if (!form) return
    const values = JSON.stringify([...new FormData(form)])
    // Leaving a field fires another event with the same values: the loaded pages must stay.
    if (values === this.#applied) return
    this.#applied = values
    this.form = readForm(form)
    if (this.form.problem ?? this.form.actorProblem) return
    this.#filter = readFilter(form, this.app.api.now())
    void this.#log.reload()
  }

  readonly #filterSoon = () => {
    clearTimeout(this.#filterTimer)
    this.#filterTimer = setTimeout(this.#apply, FILTER_DELAY_MS)
  }

  readonly #submit = (event: SubmitEvent) => {
    event.preventDefault()
    this.#apply()
  }

  readonly #reset = () => {
    this.querySelector('form')?.reset()
    this.#apply()
    if (this.actorId) this.app.goTo({ page: 'audit' })
  }

  readonly #setLive = (event: Event) => {
    this.#poller.turn((event.target as HTMLInputElement).checked)
  }

  readonly #showNew = () => {
    if (this.#log.isBehind) void this.#log.reload()
    else this.#log.showWaiting()
    // The button disappears, and focus in the table would hold back the next events.
    this.querySelector<HTMLElement>('#live')?.focus()
    scrollTo(0, 0)
  }

  readonly #export = () => {
    const day = new Date(this.app.api.now()).toISOString().slice(0, 10)
    downloadCsv(auditCsv(this.#log.list.nodes ?? []), `audit-log-${day}.csv`)
  }
}

define('console-audit', AuditPage)
