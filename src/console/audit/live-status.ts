import { html, nothing, type TemplateResult } from 'lit'
import { explain } from '../parts/notice.ts'
import type { Poller } from '../parts/poller.ts'
import { countOf } from '../parts/text.ts'
import type { AuditLog } from './audit-log.ts'

/** Whether the list is up to date, and what it has not shown yet. Announced whenever it changes. */
export const liveStatus = (log: AuditLog, poller: Poller, onShow: () => void): TemplateResult =>
  html`<p role="status">${statusOf(log, poller)}</p>
    ${log.isBehind || log.waiting.length > 0 ? html`<button type="button" class="primary" @click=${onShow}>${labelOf(log)}</button>` : nothing}`

const labelOf = ({ isBehind, waiting }: AuditLog) =>
  isBehind ? 'Show the newest events' : `Show ${countOf(waiting.length, 'new event')}`

function statusOf({ isBehind, waiting, addedCount, list }: AuditLog, { isOn, error }: Poller) {
  // An error that keeps the list from loading is shown in its place.
  if (error && !list.error) return `Not up to date. ${explain(error)} Retrying soon.`
  if (isBehind) return 'More than 2,000 new events'
  if (waiting.length > 0) return countOf(waiting.length, 'new event')
  if (!isOn) return 'Off: new events are not shown.'
  return addedCount > 0 ? `${countOf(addedCount, 'new event')} at the top` : 'New events are shown as they arrive.'
}
