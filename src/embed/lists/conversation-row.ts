import type { TemplateResult } from 'lit'
import type { ChatMessage, Conversation } from '../../client/generated/schema-types.ts'
import { html, nothing } from '../kit.ts'
import type { Text } from '../texts.ts'
import type { Formats } from './formats.ts'
import { CHANNEL, labelOf, SENTIMENT, STATUS } from './labels.ts'

type Facts = 'id' | 'externalId' | 'status' | 'channel' | 'title' | 'startedAt' | 'durationMs' | 'messageCount'

/** A conversation as the list has it. */
export interface ConversationRow extends Pick<Conversation, Facts | 'sentimentLabel' | 'endUserId'> {
  agents: readonly { id: string; name: string }[]
  /** The first chat messages. */
  messages: { nodes: readonly Pick<ChatMessage, 'role' | 'content'>[] }
}

/** The start of a text, for one line. Cut at a space, so that no character is cut in two. */
const MAX_EXCERPT = 300

export interface RowContext {
  text: Text
  formats: Formats
  /** Counted from 1. */
  position: number
  /** -1: not known. */
  size: number
  isSelected: boolean
  isActive: boolean
}

/** The headline of a conversation: its title, or the user's first message. */
export function excerptOf({ title, messages: { nodes } }: ConversationRow): string | null {
  const said = nodes.find(({ role }) => role === 'USER') ?? nodes[0]
  const line = (title || said?.content || '')
    .slice(0, 2 * MAX_EXCERPT)
    .replaceAll(/\s+/g, ' ')
    .trim()
  const characters = [...line]
  return characters.length > MAX_EXCERPT ? `${characters.slice(0, MAX_EXCERPT).join('')}…` : line || null
}

export const countMessages = (count: number, { text, formats }: Pick<RowContext, 'text' | 'formats'>): string =>
  count === 1 ? text('messageCountOne') : text('messageCount', { count: formats.number(count) })

export const namesOf = (agents: ConversationRow['agents']): string => agents.map(({ name }) => name).join(', ')

export function renderRow(row: ConversationRow, context: RowContext): TemplateResult {
  const { text, formats, position, size, isSelected, isActive } = context
  const excerpt = excerptOf(row)
  return html`<div
    class="row ${isActive ? 'active' : ''}"
    part="row"
    role="option"
    id=${rowId(row.id)}
    aria-selected=${isSelected}
    aria-posinset=${position}
    aria-setsize=${size}
    data-id=${row.id}
  >
    <span class="excerpt ${excerpt ? '' : 'none'}" dir="auto">${excerpt ?? text('untitled')}</span>
    <span class="about">${row.channel ? html`<span class="channel">${labelOf(CHANNEL, row.channel, text)}</span>` : nothing}<bdi class="agents">${namesOf(row.agents)}</bdi></span>
    ${renderStatus(row.status, text)}
    <span class="messages">${countMessages(row.messageCount, context)}</span>
    ${renderSentiment(row.sentimentLabel ?? null, text)}
    ${renderWhen(row.startedAt, formats)}
  </div>`
}

/** The time if it is today, and else the day, with the time if there is room. */
function renderWhen(at: string, formats: Formats) {
  const time = formats.time(at)
  const day = formats.isToday(at) ? time : html`${formats.briefDay(at)}<span class="clock"> ${time}</span>`
  return html`<time class="when" datetime=${at} title=${formats.dateTime(at)}>${day}</time>`
}

/** Ids hold no character that a selector would have to escape. */
export const rowId = (id: string): string => `row-${id}`

export const renderStatus = (status: Conversation['status'], text: Text): TemplateResult =>
  html`<span class="status ${status.toLowerCase()}">${labelOf(STATUS, status, text)}</span>`

export const renderSentiment = (label: ConversationRow['sentimentLabel'] | null, text: Text): TemplateResult =>
  html`<span class="sentiment ${label?.toLowerCase() ?? ''}">${label ? labelOf(SENTIMENT, label, text) : nothing}</span>`
