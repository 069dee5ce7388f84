import { ParleyRequestError } from './errors.ts'
import { attempt, type Endpoint } from './transport.ts'

/** A document that knows the types of its answer and its variables, as graphql-codegen and others make it. */
export interface TypedDocument<Data, Variables> {
  toString(): string
  __apiType?: (variables: Variables) => Data
}

/** Runs an operation once. Throws a `ParleyRequestError` unless all of it is answered. */
export async function request<Data>(
  endpoint: Endpoint,
  query: string,
  variables?: object,
  signal?: AbortSignal,
): Promise<Data> {
  const { answer, failure, status } = await attempt<Data>(endpoint, JSON.stringify({ query, variables }), signal)
  signal?.throwIfAborted()
  // A proxy's page is an answer: whoever is told that nothing can be reached looks for the fault in the wrong place.
  const code = status === null ? 'UNREACHABLE' : 'UNAVAILABLE'
  if (!answer) throw new ParleyRequestError(failure ?? 'There was no answer.', code)
  const [error] = answer.errors ?? []
  if (error)
    throw new ParleyRequestError(error.message, error.extensions?.code ?? 'UNKNOWN', answer.errors, answer.data)
  return answer.data as Data
}

interface RequestOptions {
  signal?: AbortSignal
}

/** Runs an operation. Throws a `ParleyRequestError` if any part of it is refused or it can't be sent. */
export interface RunOperation {
  <Data, Variables>(
    document: TypedDocument<Data, Variables>,
    // They can be left out only if there are none.
    ...rest: Variables extends Record<string, never>
      ? [variables?: Variables, options?: RequestOptions]
      : [variables: Variables, options?: RequestOptions]
  ): Promise<Data>
  <Data = unknown>(document: string, variables?: object, options?: RequestOptions): Promise<Data>
}
