import type { TemplateResult } from 'lit'
import { html, nothing } from '../kit.ts'
import { countMessages, namesOf, type RowContext, renderSentiment, renderStatus } from './conversation-row.ts'
import { CHANNEL, labelOf, OUTCOME, RESOLUTION } from './labels.ts'
import type { ConversationFacts } from './transcript.ts'

/** The facts about a conversation, above its transcript. */
export function renderFacts(
  conversation: ConversationFacts,
  context: Pick<RowContext, 'text' | 'formats'>,
): TemplateResult {
  const { text, formats } = context
  const { title, externalId, startedAt, durationMs, channel, agents, outcome, resolution } = conversation
  const facts = [
    html`<time datetime=${startedAt}>${formats.dateTime(startedAt)}</time>`,
    typeof durationMs === 'number' ? text('duration', { duration: formats.duration(durationMs) }) : null,
    countMessages(conversation.messageCount, context),
    channel ? labelOf(CHANNEL, channel, text) : null,
    agents.length > 0 ? html`<bdi>${namesOf(agents)}</bdi>` : null,
    outcome ? labelOf(OUTCOME, outcome, text) : null,
    resolution && resolution !== 'UNDEFINED' ? labelOf(RESOLUTION, resolution, text) : null,
    conversation.sentimentLabel ? renderSentiment(conversation.sentimentLabel, text) : null,
    title && externalId ? html`<bdi>${externalId}</bdi>` : null,
  ].filter((fact) => fact !== null)
  return html`<header class="facts" part="header">
    <div class="heading">
      <h2 part="title" dir="auto">${title || externalId || formats.dateTime(startedAt)}</h2>
      ${renderStatus(conversation.status, text)}
    </div>
    <ul role="list">${facts.map((fact) => html`<li>${fact ?? nothing}</li>`)}</ul>
  </header>`
}
