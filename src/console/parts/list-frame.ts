import { html, nothing, type TemplateResult } from 'lit'
import type { ConnectionList } from './connection-list.ts'
import { errorNotice } from './notice.ts'
import { countOf } from './text.ts'

export interface ListFrameOptions<Node> {
  /** What an entry is called, in the singular. */
  noun: string
  /** Shown if the list is empty: what to do first. */
  empty: TemplateResult
  render(nodes: readonly Node[]): TemplateResult
}

/** A list in all of its states: loading, empty, failed, and with more to load. */
export function listFrame<Node>(
  list: ConnectionList<Node>,
  { noun, empty, render }: ListFrameOptions<Node>,
): TemplateResult {
  const { nodes, totalCount, error, isLoading } = list
  if (error) return html`${errorNotice(error, () => list.retry())}${nodes?.length ? render(nodes) : nothing}`
  if (!nodes) return html`<p aria-busy="true" role="status">Loading…</p>`
  if (nodes.length === 0) return html`<div class="empty">${empty}</div>`
  return html`<div class="section" aria-busy=${isLoading}>
    ${render(nodes)}
    <div class="toolbar">
      <p class="hint">${totalCount === null ? countOf(nodes.length, noun) : `${nodes.length.toLocaleString('en')} of ${countOf(totalCount, noun)}`}</p>
      ${list.hasMore ? html`<button type="button" ?disabled=${isLoading} @click=${() => void list.more()}>Load more</button>` : nothing}
    </div>
  </div>`
}
