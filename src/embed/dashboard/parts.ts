import { html, nothing, type TemplateResult } from 'lit'
import type { ConversationFilter } from '../../client/generated/schema-types.ts'
import type { Session } from '../../client/session.ts'
import type { Text, Texts } from '../texts.ts'
import type { SeriesSelection } from './picked.ts'

/** What every part of a dashboard gets. */
export interface Handed {
  session: Session | null
  texts: Partial<Texts> | null
  locale: string | null
  timeZone: string | null
}

export interface Numbers extends Handed {
  filter: ConversationFilter | null
  range: string
  interval: string | null
  measures: string
  groupBy: string | null
  compare: boolean
  onPick(event: CustomEvent<SeriesSelection>): void
}

/** So that a page can style them as those of the dashboard. */
const PARTS = 'title, tile, legend, tooltip, row, list, header, message, tool, event'

export const renderNumbers = (numbers: Numbers): TemplateResult => html`
  <parley-metrics
    exportparts=${PARTS}
    .session=${numbers.session}
    .texts=${numbers.texts}
    .locale=${numbers.locale}
    .timeZone=${numbers.timeZone}
    .filter=${numbers.filter}
    .range=${numbers.range}
    .compare=${numbers.compare}
  ></parley-metrics>
  <div class="card">
    <parley-series
      exportparts=${PARTS}
      .session=${numbers.session}
      .texts=${numbers.texts}
      .locale=${numbers.locale}
      .timeZone=${numbers.timeZone}
      .filter=${numbers.filter}
      .range=${numbers.range}
      .interval=${numbers.interval}
      .measures=${numbers.measures}
      .groupBy=${numbers.groupBy}
      .compare=${numbers.compare}
      @parley-select=${numbers.onPick}
    ></parley-series>
  </div>
`

export interface Conversations extends Handed {
  live: boolean
  filter: ConversationFilter | null
  /** Null: that of the filter. */
  range: string | null
  conversationId: string | null
  /** What the list is narrowed to: the bucket that was picked in a chart. */
  picked: string | null
  onUnpick(): void
  onOpen(event: CustomEvent<{ conversationId: string }>): void
  onBack(): void
  onClose(): void
  text: Text
}

/** The list, and the conversation that is open: beside it, or as a dialog that covers the page if there is no room. */
export const renderConversations = (shown: Conversations): TemplateResult => html`
  <section class="panes" aria-label=${shown.text('conversations')}>
    ${shown.picked === null ? nothing : renderChip(shown, shown.picked)}
    <parley-conversations
      exportparts=${PARTS}
      .session=${shown.session}
      .texts=${shown.texts}
      .locale=${shown.locale}
      .timeZone=${shown.timeZone}
      .live=${shown.live}
      .filter=${shown.filter}
      .range=${shown.range}
      .selected=${shown.conversationId}
      @parley-select=${shown.onOpen}
    ></parley-conversations>
    <dialog aria-label=${shown.text('conversation')} part="conversation" closedby="any" @close=${shown.onClose}>
      <button type="button" class="back" autofocus @click=${shown.onBack}>${shown.text('back')}</button>
      <parley-conversation
        exportparts=${PARTS}
        .session=${shown.session}
        .texts=${shown.texts}
        .locale=${shown.locale}
        .timeZone=${shown.timeZone}
        .live=${shown.live}
        .conversationId=${shown.conversationId}
      ></parley-conversation>
    </dialog>
  </section>
`

const renderChip = ({ text, onUnpick }: Conversations, label: string) => html`
  <button type="button" class="chip" aria-label=${text('removeChip', { label })} @click=${onUnpick}>
    ${label}<span class="cross" aria-hidden="true">×</span>
  </button>
`
