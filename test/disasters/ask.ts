export interface Question {
  origin: string
  key: string
  /** For an account key. */
  tenantId?: string | undefined
  query: string
  variables?: object
  timeoutMs?: number
}

export interface Failure {
  code: string
  message: string
}

export type Answer<Data> = { data: Data } | { failure: Failure }

/** No answer came: what was asked for may have been done. */
const NETWORK = 'NETWORK'

/** Failures after which a client may try again, if its write has an idempotency key. */
const PASSING = new Set([NETWORK, 'UNAVAILABLE', 'OVERLOADED', 'OUTCOME_UNKNOWN', 'SERVER_STOPPING'])

export const isPassing = ({ code }: Failure) => PASSING.has(code)

/** Asks once. */
export async function ask<Data>(question: Question): Promise<Answer<Data>> {
  const { origin, key, tenantId, query, variables = {}, timeoutMs = 25_000 } = question
  try {
    const response = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${key}`,
        ...(tenantId === undefined ? {} : { 'x-tenant-id': tenantId }),
      },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(timeoutMs),
    })
    return parse(await response.text())
  } catch (error) {
    const { cause, message } = error as Error
    return { failure: { code: NETWORK, message: cause instanceof Error ? cause.message : message } }
  }
}

function parse<Data>(text: string): Answer<Data> {
  // The endpoint answers in the form of GraphQL over HTTP, and the data in that of the question.
  const { data, errors } = JSON.parse(text) as {
    data?: Data | null
    errors?: { message: string; extensions?: { code?: string } }[]
  }
  const [error] = errors ?? []
  if (error) return { failure: { code: error.extensions?.code ?? 'NONE', message: error.message } }
  return data ? { data } : { failure: { code: 'NONE', message: text } }
}
