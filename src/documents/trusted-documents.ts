import type { GraphQLParams, Plugin } from 'graphql-yoga'
import { LRUCache } from 'lru-cache'
import type { Context } from '../context.ts'
import type { Database } from '../database/connect.ts'
import { COMPONENT_DOCUMENTS } from '../embed/documents.ts'
import { badInput, ParleyError } from '../errors.ts'
import type { Requests } from '../http/request-log.ts'
import { HASH, hashOf } from './document-hash.ts'
import { findDocument } from './trusted-documents.sql.ts'

/** How long a document that another process deleted may be accepted if its notification is lost. */
const CACHE_TTL_MS = 5_000
const MAX_CACHED_CHARACTERS = 16_777_216

/** What the web components send, by its hash. */
const COMPONENTS: ReadonlyMap<string, string> = new Map(COMPONENT_DOCUMENTS.map((text) => [hashOf(text), text]))

/** The documents of the components, and the registered ones that were used last. Unknown hashes are not cached: a new document works at once. */
export class TrustedDocuments {
  readonly #database: Database
  readonly #texts = new LRUCache<string, string>({
    maxSize: MAX_CACHED_CHARACTERS,
    sizeCalculation: (text, key) => text.length + key.length,
    ttl: CACHE_TTL_MS,
  })
  #isListening = false
  /** A document that was read before a deletion must not be cached after it. */
  #deletions = 0

  constructor(database: Database) {
    this.#database = database
  }

  /** The text of a document that the credential may send by its hash; null if there is none. */
  async find(session: Context, sha256: string): Promise<string | null> {
    const documents = session.principalOrNull?.documents
    const ofComponents = documents === 'REGISTERED' ? undefined : COMPONENTS.get(sha256)
    if (ofComponents !== undefined) return ofComponents
    return documents === 'COMPONENTS' ? null : this.#findRegistered(session, sha256)
  }

  /** Throws DOCUMENT_NOT_TRUSTED if the credential may send only some documents, and this is none of them. */
  async check(session: Context, text: unknown): Promise<void> {
    const documents = session.principalOrNull?.documents ?? 'ANY'
    if (documents === 'ANY') return
    // The texts are compared as well: text that is not valid Unicode has the hash of another.
    if (typeof text !== 'string' || (await this.find(session, hashOf(text))) !== text) throw notTrusted(documents)
  }

  /** One that is registered for the tenant or the account. */
  async #findRegistered({ accessScope, tenantIdOrNull }: Context, sha256: string): Promise<string | null> {
    this.#listen()
    const key = `${sha256} ${tenantIdOrNull ?? ''}`
    const cached = this.#texts.get(key)
    if (cached !== undefined) return cached
    const deletions = this.#deletions
    const found = await findDocument(this.#database, accessScope, sha256)
    if (found !== null && deletions === this.#deletions) this.#texts.set(key, found)
    return found
  }

  /** A deletion is announced like the end of a credential, in this process before it is answered. */
  #listen() {
    if (this.#isListening) return
    this.#isListening = true
    this.#database.wakeups.listen(({ credentials }) => {
      if (!credentials) return
      this.#deletions += 1
      this.#texts.clear()
    })
  }
}

/**
 * Replaces the hash of a document of the components, or of a registered one, by the document, for every credential, and
 * refuses any other document of a credential that may send only some. Nothing is parsed before.
 */
export function useTrustedDocuments(documents: TrustedDocuments, requests: Requests): Plugin {
  return {
    async onParams({ request, params, setParams }) {
      const session = requests.get(request)?.session
      if (!session) throw new Error('the parameters of a request were read before its sender was identified')
      const hash = hashIn(params)
      if (hash === null || params.query != null) return documents.check(session, params.query)
      // Only the schema can be queried without a credential.
      void session.principal
      const query = await documents.find(session, hash)
      // Apollo's clients know the message, others the code: they then send the document.
      if (query === null) throw refused('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound', 200)
      setParams({ ...params, query })
    },
  }
}

/** The hash that is sent with a document or in place of it; null if there is none. */
function hashIn({ query, extensions }: GraphQLParams): string | null {
  const sent: unknown = extensions?.['persistedQuery']
  if (sent == null) return null
  const hash = (sent as Record<string, unknown>)['sha256Hash']
  if (typeof hash !== 'string' || !HASH.test(hash)) {
    throw badHash('must be a SHA-256 hash in lower-case hexadecimal.')
  }
  if (typeof query === 'string' && hashOf(query) !== hash) throw badHash('is not the hash of the document.')
  return hash
}

function badHash(message: string) {
  const error = badInput(['extensions', 'persistedQuery', 'sha256Hash'], message)
  Object.assign(error.extensions, { http: { status: 400 } })
  return error
}

const ALLOWED = { REGISTERED: 'registered documents', COMPONENTS: 'the documents of the web components' }

const notTrusted = (documents: keyof typeof ALLOWED) =>
  refused('DOCUMENT_NOT_TRUSTED', `This token may send only ${ALLOWED[documents]}, and this is not one.`, 403)

const refused = (code: 'DOCUMENT_NOT_TRUSTED' | 'PERSISTED_QUERY_NOT_FOUND', message: string, status: number) =>
  new ParleyError(code, message, { http: { status } })
