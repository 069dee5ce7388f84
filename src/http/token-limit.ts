import { GraphQLError, parse } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { type ErrorCode, ParleyError } from '../errors.ts'

/** A document longer than this is refused before it is validated, which is where a hostile one burns time. */
const MAX_TOKENS = 2_000

/** How graphql-js says it; it gives the error no other mark. */
const TOO_MANY_TOKENS = /^Syntax Error: Document contains more tha[nt] \d+ tokens/

export function useTokenLimit(): Plugin {
  return {
    onParse({ params, setParsedDocument }) {
      try {
        setParsedDocument(parse(params.source, { maxTokens: MAX_TOKENS }))
      } catch (error) {
        if (error instanceof GraphQLError && TOO_MANY_TOKENS.test(error.message)) {
          throw new ParleyError(
            'QUERY_TOO_COMPLEX',
            `The document has more than ${MAX_TOKENS} tokens. Send values as variables.`,
            {
              limit: MAX_TOKENS,
              http: { status: 400 },
            },
          )
        }
        if (error instanceof GraphQLError) {
          // `spec`: the status 400 is for clients that ask for application/graphql-response+json.
          const code: ErrorCode = 'GRAPHQL_PARSE_FAILED'
          Object.assign(error.extensions, { code, http: { spec: true, status: 400 } })
        }
        throw error
      }
    },
  }
}
