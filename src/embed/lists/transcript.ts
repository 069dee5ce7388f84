import type {
  ChatMessage,
  Conversation,
  ConversationEvent,
  PageInfo,
  ToolCall,
} from '../../client/generated/schema-types.ts'

interface Common {
  id: string
  sequence: number
  timestamp: string
}

export interface ChatEntry extends Common, Pick<ChatMessage, 'role' | 'content' | 'attachments'> {
  __typename: 'ChatMessage'
  authorName: string | null
  language: string | null
  rating: number | null
  sentiment: number | null
  agent: { name: string } | null
}

export interface ToolEntry extends Common, Pick<ToolCall, 'name' | 'failed'> {
  __typename: 'ToolCall'
  input: unknown
  output: unknown
  error: string | null
  durationMs: number | null
}

export interface EventEntry extends Common {
  __typename: 'ConversationEvent'
  eventName: ConversationEvent['name']
  payload: unknown
}

export type Entry = ChatEntry | ToolEntry | EventEntry

type Facts = 'id' | 'externalId' | 'status' | 'channel' | 'title' | 'startedAt' | 'durationMs' | 'messageCount'

/** A conversation without its transcript. */
export interface ConversationFacts extends Pick<Conversation, Facts | 'outcome' | 'resolution' | 'sentimentLabel'> {
  agents: readonly { id: string; name: string }[]
}

export interface EntryPage {
  nodes: readonly Entry[]
  pageInfo: Pick<PageInfo, 'startCursor' | 'endCursor' | 'hasNextPage' | 'hasPreviousPage'>
}

/** Fetches the conversation with a page of its transcript; null if it does not exist. */
export type FetchEntries = (page: {
  first?: number
  after?: string | null
  last?: number
  before?: string | null
}) => Promise<(ConversationFacts & { messages: EntryPage }) | null>

const PAGE_SIZE = 50

/**
 * The end of a transcript that is loaded: first the newest entries, then those before and after. Queries run one after
 * the other, and each goes on where the one before ended, so that no entry is lost or twice.
 */
export class Transcript {
  readonly #fetch: FetchEntries
  #start: string | null = null
  #end: string | null = null
  #last: Promise<unknown> = Promise.resolve()
  /** Null if it does not exist, or no longer does. */
  conversation: ConversationFacts | null = null
  entries: readonly Entry[] = []
  hasEarlier = false

  constructor(fetch: FetchEntries) {
    this.#fetch = fetch
  }

  loadLatest(): Promise<void> {
    return this.#inTurn(async () => {
      const page = await this.#load({ last: PAGE_SIZE })
      if (!page) return
      this.#start = page.pageInfo.startCursor ?? null
      this.#end = page.pageInfo.endCursor ?? null
      this.hasEarlier = page.pageInfo.hasPreviousPage
      this.#add(page.nodes)
    })
  }

  loadEarlier(): Promise<void> {
    return this.#inTurn(async () => {
      const page = await this.#load({ last: PAGE_SIZE, before: this.#start })
      if (!page) return
      this.#start = page.pageInfo.startCursor ?? this.#start
      this.hasEarlier = page.pageInfo.hasPreviousPage
      this.#add(page.nodes)
    })
  }

  /** Loads what came after the last entry. Returns it. */
  loadLater(): Promise<readonly Entry[]> {
    return this.#inTurn(async () => {
      const added: Entry[] = []
      for (let hasNext = true; hasNext; ) {
        const page = await this.#load({ first: PAGE_SIZE, after: this.#end })
        if (!page) break
        this.#end = page.pageInfo.endCursor ?? this.#end
        this.#add(page.nodes)
        added.push(...page.nodes)
        hasNext = page.pageInfo.hasNextPage
      }
      return added
    })
  }

  /** Loads the newest entries again, which may have been rated, redacted or deleted. */
  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      const last = this.entries.at(-1)?.sequence ?? -1
      const page = await this.#load({ last: PAGE_SIZE })
      if (!page) return
      // Newer ones come with `loadLater`, in case there are others between.
      const found = page.nodes.filter(({ sequence }) => sequence <= last)
      const from = page.pageInfo.hasPreviousPage ? (page.nodes[0]?.sequence ?? 0) : 0
      this.entries = this.entries.filter(({ sequence }) => sequence < from)
      this.#add(found)
    })
  }

  async #load(page: Parameters<FetchEntries>[0]): Promise<EntryPage | null> {
    const answer = await this.#fetch(page)
    if (!answer) {
      this.conversation = null
      return null
    }
    const { messages, ...conversation } = answer
    this.conversation = conversation
    return messages
  }

  #add(entries: readonly Entry[]) {
    if (entries.length === 0) return
    const all = new Map([...this.entries, ...entries].map((entry) => [entry.id, entry]))
    this.entries = [...all.values()].sort((one, other) => one.sequence - other.sequence)
  }

  #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(run)
    // Whoever asked for it gets the error.
    this.#last = result.catch(() => {})
    return result
  }
}
