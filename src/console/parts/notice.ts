import { html, nothing, type TemplateResult } from 'lit'
import { messageOf, ParleyRequestError } from '../../client/errors.ts'
import type { Submission } from './submission.ts'

/** What an error means, if its message doesn't say so. */
const ADVICE: Readonly<Record<string, string>> = {
  UNREACHABLE: 'The server can’t be reached. Check that it is running and that you are online.',
  UNAVAILABLE: 'The server or its database is not available right now.',
  OVERLOADED: 'The server is busy. Try again in a moment.',
  SERVER_STOPPING: 'The server is restarting. Try again in a moment.',
  OUTCOME_UNKNOWN: 'The server can’t tell whether this was done.',
}

/** What an entry of a list is called in a form. */
const ENTRIES: Readonly<Record<string, string>> = {
  allowedOrigins: 'Line',
  allowedNetworks: 'Line',
  redactionPatterns: 'Pattern',
  keys: 'Key',
}

const PATH = /^input(?:\.\w+|\[\d+\])*: */

/** Why a value was refused, as a sentence below the field of `path`. Of a list, it says which entry. */
export function refusalOf({ message, inputPath }: ParleyRequestError, path: string): string {
  const [, list = '', index] = /(\w+)\[(\d+)\]/.exec(inputPath ?? '') ?? []
  const entry = ENTRIES[list]
  const hasEntry = entry && inputPath?.slice(path.length).includes('[')
  const sentence = capital(message.replace(PATH, ''))
  return hasEntry ? `${entry} ${Number(index) + 1}: ${sentence}` : sentence
}

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

/** The message of an error. A field of the input is named in words. */
function messageIn(error: ParleyRequestError): string {
  const [, field] = /^input\.(\w+)/.exec(error.inputPath ?? '') ?? []
  if (!field || !PATH.test(error.message)) return error.message
  const words = field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return `${capital(words)}: ${refusalOf(error, 'input')}`
}

/** What went wrong, as a sentence. */
export function explain(error: unknown): string {
  if (!(error instanceof ParleyRequestError)) return `Something went wrong on this page: ${messageOf(error)}`
  const { code, retryAfterMs } = error
  const message = messageIn(error)
  // The message names only network addresses, which say less.
  if (code === 'UNREACHABLE') return ADVICE['UNREACHABLE'] ?? message
  const advice = ADVICE[code]
  const wait = retryAfterMs > 0 ? ` Try again in ${Math.ceil(retryAfterMs / 1_000)} seconds.` : ''
  return `${advice && advice !== message ? `${advice} ` : ''}${message}${wait}`
}

const codeOf = (error: unknown) => (error instanceof ParleyRequestError ? error.code : null)

const hasField = (error: unknown) => error instanceof ParleyRequestError && error.inputPath !== null

/** An error, shown where it happened and announced at once. */
export const errorNotice = (error: unknown, onRetry?: () => unknown): TemplateResult =>
  html`<div class="notice danger" role="alert">
    <p>${explain(error)}</p>
    ${hasField(error) ? html`<p class="at-field">Not done: see the field above.</p>` : nothing}
    ${codeOf(error) ? html`<p class="code">Code: ${codeOf(error)}</p>` : nothing}
    ${onRetry ? html`<button type="button" @click=${() => void onRetry()}>Try again</button>` : nothing}
  </div>`

/** Why a submission failed, and what that means if no response arrived. */
export const failureNotice = ({ error, state }: Pick<Submission, 'error' | 'state'>, lost: unknown): TemplateResult =>
  html`${error ? errorNotice(error) : nothing} ${state === 'lost' ? warning(lost) : nothing}`

/** What the reader must know before going on. */
export const warning = (content: unknown): TemplateResult => html`<div class="notice warning">${content}</div>`
