import { html, nothing, type TemplateResult } from 'lit'
import { messageOf, ParleyRequestError } from '../../client/errors.ts'

/** What to do about an error, if its message does not say so. */
const ADVICE: Readonly<Record<string, string>> = {
  UNREACHABLE: 'The server can’t be reached. Check that it is running and that you are online.',
  UNAVAILABLE: 'The server or its database is not available right now.',
  OVERLOADED: 'The server is busy. Try again in a moment.',
  SERVER_STOPPING: 'The server is restarting. Try again in a moment.',
  OUTCOME_UNKNOWN: 'The server can’t tell whether this was done.',
  FORBIDDEN: 'Your key may not do this.',
}

/** What went wrong, as a sentence. */
export function explain(error: unknown): string {
  if (!(error instanceof ParleyRequestError)) return `Something went wrong in this page: ${messageOf(error)}`
  const { code, message, retryAfterMs } = error
  // The message names addresses of the network, which say less.
  if (code === 'UNREACHABLE') return ADVICE['UNREACHABLE'] ?? message
  const advice = ADVICE[code]
  const wait = retryAfterMs > 0 ? ` Try again in ${Math.ceil(retryAfterMs / 1_000)} seconds.` : ''
  return `${advice && advice !== message ? `${advice} ` : ''}${message}${wait}`
}

const codeOf = (error: unknown) => (error instanceof ParleyRequestError ? error.code : null)

/** An error where it happened, announced at once. */
export const errorNotice = (error: unknown, onRetry?: () => unknown): TemplateResult =>
  html`<div class="notice danger" role="alert">
    <p>${explain(error)}</p>
    ${codeOf(error) ? html`<p class="code">Code: ${codeOf(error)}</p>` : nothing}
    ${onRetry ? html`<button type="button" @click=${() => void onRetry()}>Try again</button>` : nothing}
  </div>`

/** What somebody must know before a step. */
export const warning = (content: unknown): TemplateResult => html`<div class="notice warning">${content}</div>`
