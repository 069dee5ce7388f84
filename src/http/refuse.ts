import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { ErrorCode } from '../errors.ts'

/** An answer to what never became a GraphQL request. */
export interface Refusal {
  status: number
  code: ErrorCode
  message: string
}

export const newRequestId = () => randomUUID()

/** Headers and body of a refusal, in the same form as any other error. */
export function refusalAnswer({ code, message }: Refusal, requestId: string) {
  const body = JSON.stringify({ errors: [{ message, extensions: { code, requestId } }] })
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': requestId,
    connection: 'close',
  }
  return { headers, body }
}

/** The same as text, for a socket on which node:http has no response in progress. */
export function refusalText(refusal: Refusal, requestId: string): string {
  const { headers, body } = refusalAnswer(refusal, requestId)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${lines.join('')}\r\n${body}`
}
