import { messageOf, ParleyRequestError, RETRIED_CODES } from '../client/errors.ts'
import { AttributeError } from './attribute-error.ts'
import type { Text } from './texts.ts'

const ACCESS: ReadonlySet<string> = new Set(['FORBIDDEN', 'UNAUTHENTICATED', 'LOGGED_OUT', 'DOCUMENT_NOT_TRUSTED'])
const PASSING: ReadonlySet<string> = new Set([...RETRIED_CODES, 'UNREACHABLE', 'TOKEN_UNAVAILABLE', 'UNAUTHENTICATED'])
const PROBE_TIMEOUT_MS = 5_000

/** Whether the code says that the token may not have this. */
export const isAboutAccess = (code: string): boolean => ACCESS.has(code)

/** Whether the same request may succeed later. */
export const mayPass = (code: string): boolean => PASSING.has(code)

/** The text for an error of a session. */
export async function explain(error: unknown, url: string, text: Text): Promise<string> {
  if (!(error instanceof ParleyRequestError)) return messageOf(error)
  if (error instanceof AttributeError) return text('attributeInvalid', { name: error.attribute, value: error.value })
  if (isAboutAccess(error.code)) return text('unauthorized')
  if (error.code === 'TOKEN_UNAVAILABLE') return error.message
  if (error.code !== 'UNREACHABLE') return `${text('error')} ${error.message}`
  if (await answersAnyOrigin(url)) return text('errorOrigin', { origin: location.origin })
  return text('errorUnreachable')
}

/**
 * Whether the server answers, though it did not answer this page: then it does not allow the page's origin. The script of
 * the components is sent to every origin. A browser says no more about a refused origin than about a dead server.
 */
async function answersAnyOrigin(url: string): Promise<boolean> {
  const script = new URL('embed/v1.js', new URL(url, location.href))
  if (script.origin === location.origin) return false
  const request = { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) } as const
  return fetch(script, request).then(
    ({ ok }) => ok,
    () => false,
  )
}
