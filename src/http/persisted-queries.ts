import type { Plugin } from 'graphql-yoga'
import { ParleyError } from '../errors.ts'

/**
 * Tells clients that send only the hash of a document (Apollo's automatic persisted queries) that documents are not kept
 * by their hashes: they then send the document itself. Must come after the plugins that set the parser of the request.
 */
export function usePersistedQueryRefusal(): Plugin {
  return {
    onRequestParse({ requestParser, setRequestParser }) {
      if (!requestParser) return
      setRequestParser(async (request) => {
        const params = await requestParser(request)
        if (
          !Array.isArray(params) &&
          'extensions' in params &&
          params.query == null &&
          params.extensions?.['persistedQuery'] != null
        ) {
          // Apollo's clients know the message, others the code.
          throw new ParleyError('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported', {
            http: { status: 200 },
          })
        }
        return params
      })
    },
  }
}
