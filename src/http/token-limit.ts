import { GraphQLError, parse } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { ParleyError } from '../errors.ts'

/** A document longer than this is refused before it is validated, which is where a hostile one burns time. */
const MAX_TOKENS = 2_000

export function useTokenLimit(): Plugin {
  return {
    onParse({ params, setParsedDocument }) {
      try {
        setParsedDocument(parse(params.source, { maxTokens: MAX_TOKENS }))
      } catch (error) {
        if (error instanceof GraphQLError && error.message.includes('token limit')) {
          throw new ParleyError(
            'QUERY_TOO_COMPLEX',
            `The document has more than ${MAX_TOKENS} tokens. Send values as variables.`,
            {
              limit: MAX_TOKENS,
              http: { status: 400 },
            },
          )
        }
        throw error
      }
    },
  }
}
