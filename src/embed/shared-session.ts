import type { ConversationChange, ConversationsChanged, Query, Scope } from '../client/generated/schema-types.ts'
import type { Session } from '../client/session.ts'
import { CHANGES, VIEWER } from './documents.ts'

/** What the token of a session may do, and its tenant. */
export interface Viewer {
  scopes: readonly Scope[]
  tenantName: string
  timeZone: string
}

/**
 * Called with what changed; with null if it is not known what, because the stream has just begun, or too much time has
 * passed. What is loaded after a call with null is followed by all that changes later.
 */
export type ChangeListener = (changes: readonly ConversationChange[] | null) => void

/** What the elements of one session share: what its token may do, and one stream of changes. */
export class SharedSession {
  static readonly #all = new WeakMap<Session, SharedSession>()
  readonly session: Session
  #viewer: Promise<Viewer> | null = null
  readonly #listeners = new Set<ChangeListener>()
  #unsubscribe: (() => void) | null = null

  static of(session: Session): SharedSession {
    let shared = SharedSession.#all.get(session)
    if (!shared) {
      shared = new SharedSession(session)
      SharedSession.#all.set(session, shared)
    }
    return shared
  }

  private constructor(session: Session) {
    this.session = session
  }

  /** Asked once; again if that failed. */
  viewer(): Promise<Viewer> {
    this.#viewer ??= this.#loadViewer().catch((error: unknown) => {
      this.#viewer = null
      throw error
    })
    return this.#viewer
  }

  /** The token may do other things than before. */
  forgetViewer(): void {
    this.#viewer = null
  }

  /** Follows all changes of conversations, by one stream for all listeners. Needs the scope CONVERSATIONS_READ. */
  watch(listener: ChangeListener): () => void {
    this.#listeners.add(listener)
    this.#unsubscribe ??= this.#subscribe()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      this.#unsubscribe?.()
      this.#unsubscribe = null
    }
  }

  async #loadViewer(): Promise<Viewer> {
    const { viewer } = await this.session.query<Pick<Query, 'viewer'>>(VIEWER)
    // A page whose back end signs somebody in elsewhere must not show one tenant beside another.
    if (viewer.tenant) this.session.keepTo(viewer.tenant.id)
    return { scopes: viewer.scopes, tenantName: viewer.tenant?.name ?? '', timeZone: viewer.tenant?.timeZone ?? 'UTC' }
  }

  #subscribe(): () => void {
    let after: string | null = null
    return this.session.subscribe<{ conversationsChanged: ConversationsChanged }>(CHANGES, {
      variables: () => ({ after }),
      onData: ({ conversationsChanged: { resumeToken, changes } }) => {
        const isFromNow = after === null
        after = resumeToken
        // What changed before, while elements loaded or the stream was interrupted, is not known.
        if (isFromNow) this.#tell(null)
        if (changes.length > 0) this.#tell(changes)
      },
      onBreak: ({ code }) => {
        if (code === 'RESUME_TOKEN_EXPIRED') after = null
      },
      // Such as a token that may not follow changes: then the elements show what they have loaded.
      onError: () => {},
    })
  }

  #tell(changes: readonly ConversationChange[] | null) {
    for (const listener of this.#listeners) listener(changes)
  }
}
