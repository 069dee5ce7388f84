import type { TemplateResult } from 'lit'
import { html, nothing } from '../kit.ts'
import type { Text, Texts } from '../texts.ts'
import { renderSentiment } from './conversation-row.ts'
import type { Formats } from './formats.ts'
import { labelOf, ROLE } from './labels.ts'
import type { ChatEntry, Entry, EventEntry, ToolEntry } from './transcript.ts'

export interface EntryContext {
  text: Text
  formats: Formats
  /** Details are made when they are opened, because they can be large. */
  isOpen: boolean
  onToggle(event: Event): void
}

const RATINGS: Readonly<Record<string, keyof Texts>> = { '-1': 'ratingBad', '0': 'ratingNeutral', '1': 'ratingGood' }
/** As the API draws the line. */
const SENTIMENT_BOUND = 0.25

/** Everything in it is shown as text, whatever it is. */
export function renderEntry(entry: Entry, context: EntryContext): TemplateResult {
  if (entry.__typename === 'ToolCall') return renderTool(entry, context)
  if (entry.__typename === 'ConversationEvent') return renderEvent(entry, context)
  return renderChat(entry, context)
}

/** The speaker: a name if there is one. */
export const authorOf = ({ authorName, agent }: ChatEntry): string | null => authorName ?? agent?.name ?? null

function renderChat(entry: ChatEntry, { text, formats }: EntryContext) {
  const { role, content, rating, language } = entry
  const author = authorOf(entry)
  const label = labelOf(ROLE, role, text)
  return html`<li class="entry chat ${role.toLowerCase().replace('_', '-')}" part="message" data-id=${entry.id}>
    <p class="author">
      ${author && author !== label ? html`<bdi class="name">${author}</bdi>` : nothing}
      <span class="role">${label}</span>
      ${renderTime(entry, formats)}
    </p>
    <p class="content" dir="auto" lang=${language ?? nothing}>${content}</p>
    ${renderAttachments(entry, text)}
    ${renderOpinion(rating, entry.sentiment, text)}
  </li>`
}

function renderOpinion(rating: number | null, sentiment: number | null, text: Text) {
  const isMarked = sentiment !== null && Math.abs(sentiment) >= SENTIMENT_BOUND
  const rated = rating === null ? undefined : RATINGS[String(rating)]
  if (!isMarked && !rated) return nothing
  return html`<p class="opinion">
    ${isMarked ? renderSentiment(sentiment > 0 ? 'POSITIVE' : 'NEGATIVE', text) : nothing}
    ${rated ? html`<span class="rating">${text(rated)}</span>` : nothing}
  </p>`
}

function renderAttachments({ attachments }: ChatEntry, text: Text) {
  if (attachments.length === 0) return nothing
  const item = ({ url, name, mediaType }: ChatEntry['attachments'][number]) => {
    const label = html`<bdi>${name || lastPartOf(url) || text('attachment')}</bdi>`
    const link = html`<a href=${url} rel="noopener noreferrer" target="_blank">${label}</a>`
    return html`<li>${isHttps(url) ? link : label}${mediaType ? html` <span class="type">${mediaType}</span>` : nothing}</li>`
  }
  return html`<ul class="attachments" aria-label=${text('attachments')}>${attachments.map(item)}</ul>`
}

/** Other schemes, such as `javascript:`, could run code. */
const isHttps = (url: string): boolean => URL.parse(url)?.protocol === 'https:'

const lastPartOf = (url: string): string => URL.parse(url)?.pathname.split('/').at(-1) ?? ''

function renderTool(entry: ToolEntry, { text, formats, isOpen, onToggle }: EntryContext) {
  const { id, name, failed, durationMs, input, output, error } = entry
  const summary = html`<span class="kind">${text('toolCall')}</span> <bdi class="name">${name}</bdi>
    ${failed ? html`<span class="failed">${text('toolFailed')}</span>` : nothing}
    ${durationMs === null ? nothing : html`<span class="took">${formats.duration(durationMs)}</span>`}
    ${renderTime(entry, formats)}`
  // A token without the scope INTERNALS_READ gets none of them.
  const parts = (
    [
      ['toolInput', input],
      ['toolOutput', output],
      ['toolError', error],
    ] as const
  ).filter(([, value]) => value !== null && value !== undefined)
  if (parts.length === 0)
    return html`<li class="entry tool" part="tool" data-id=${id}><p class="summary">${summary}</p></li>`
  return html`<li class="entry tool" part="tool" data-id=${id}>
    <details @toggle=${onToggle}>
      <summary class="summary">${summary}</summary>
      ${isOpen ? parts.map(([label, value]) => renderJson(text(label), value)) : nothing}
    </details>
  </li>`
}

/** A region that scrolls must be reached by the keyboard, and so needs a name. */
const renderJson = (label: string, value: unknown) => html`<p class="label">${label}</p>
  <pre tabindex="0" role="region" aria-label=${label} dir="auto">${typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</pre>`

function renderEvent(entry: EventEntry, { formats, isOpen, onToggle }: EntryContext) {
  const { id, eventName, payload } = entry
  const line = html`<bdi class="name">${eventName}</bdi> ${renderTime(entry, formats)}`
  if (isBlank(payload))
    return html`<li class="entry event" part="event" data-id=${id}><p class="summary">${line}</p></li>`
  return html`<li class="entry event" part="event" data-id=${id}>
    <details @toggle=${onToggle}>
      <summary class="summary">${line}</summary>
      ${isOpen ? renderJson(eventName, payload) : nothing}
    </details>
  </li>`
}

const isBlank = (payload: unknown) =>
  payload === null || payload === undefined || (typeof payload === 'object' && Object.keys(payload).length === 0)

const renderTime = ({ timestamp }: Entry, formats: Formats) =>
  html`<time datetime=${timestamp} title=${formats.dateTime(timestamp)}>${formats.time(timestamp)}</time>`
