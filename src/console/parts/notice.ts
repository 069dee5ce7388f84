import { html, nothing, type TemplateResult } from 'lit'
import { messageOf, ParleyRequestError } from '../../client/errors.ts'

/** What an error means, if its message doesn't say so. */
const ADVICE: Readonly<Record<string, string>> = {
  UNREACHABLE: 'The server can’t be reached. Check that it is running and that you are online.',
  UNAVAILABLE: 'The server or its database is not available right now.',
  OVERLOADED: 'The server is busy. Try again in a moment.',
  SERVER_STOPPING: 'The server is restarting. Try again in a moment.',
  OUTCOME_UNKNOWN: 'The server can’t tell whether this was done.',
  FORBIDDEN: 'Your key isn’t allowed to do this.',
}

/** What went wrong, as a sentence. */
export function explain(error: unknown): string {
  if (!(error instanceof ParleyRequestError)) return `Something went wrong on this page: ${messageOf(error)}`
  const { code, message, retryAfterMs } = error
  // The message names only network addresses, which say less.
  if (code === 'UNREACHABLE') return ADVICE['UNREACHABLE'] ?? message
  const advice = ADVICE[code]
  const wait = retryAfterMs > 0 ? ` Try again in ${Math.ceil(retryAfterMs / 1_000)} seconds.` : ''
  return `${advice && advice !== message ? `${advice} ` : ''}${message}${wait}`
}

const codeOf = (error: unknown) => (error instanceof ParleyRequestError ? error.code : null)

/** An error, shown where it happened and announced at once. */
export const errorNotice = (error: unknown, onRetry?: () => unknown): TemplateResult =>
  html`<div class="notice danger" role="alert">
    <p>${explain(error)}</p>
    ${codeOf(error) ? html`<p class="code">Code: ${codeOf(error)}</p>` : nothing}
    ${onRetry ? html`<button type="button" @click=${() => void onRetry()}>Try again</button>` : nothing}
  </div>`

/** What the reader must know before going on. */
export const warning = (content: unknown): TemplateResult => html`<div class="notice warning">${content}</div>`
