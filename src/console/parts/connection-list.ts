import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { PageInfo } from '../../client/generated/schema-types.ts'

export interface Connection<Node> {
  nodes: Node[]
  pageInfo: Pick<PageInfo, 'hasNextPage' | 'endCursor'>
  totalCount?: number
}

/** Loads a page of a list: the first one, or the one after a cursor. */
export type LoadPage<Node> = (after: string | null, signal: AbortSignal) => Promise<Connection<Node>>

/** A list that loads one page at a time. Updates its host whenever it changes. */
export class ConnectionList<Node> implements ReactiveController {
  /** Null until the first page has arrived. */
  nodes: readonly Node[] | null = null
  totalCount: number | null = null
  error: unknown = null
  isLoading = false
  readonly #host: ReactiveControllerHost
  readonly #load: LoadPage<Node>
  #after: string | null = null
  /** The cursor of the latest request. */
  #asked: string | null = null
  #underWay: AbortController | null = null

  constructor(host: ReactiveControllerHost, load: LoadPage<Node>) {
    this.#host = host
    this.#load = load
    host.addController(this)
  }

  get hasMore(): boolean {
    return this.#after !== null
  }

  hostDisconnected(): void {
    this.#underWay?.abort()
  }

  /** Loads the first page again. The current entries stay until it has arrived. */
  reload(): Promise<void> {
    return this.#run(null)
  }

  /** Loads the page that failed. The other pages stay. */
  retry(): Promise<void> {
    return this.#run(this.#asked)
  }

  /** Loads the next page. */
  more(): Promise<void> {
    return this.#run(this.#after)
  }

  async #run(after: string | null) {
    this.#underWay?.abort()
    this.#asked = after
    const underWay = new AbortController()
    this.#underWay = underWay
    this.isLoading = true
    this.error = null
    this.#host.requestUpdate()
    try {
      const { nodes, pageInfo, totalCount } = await this.#load(after, underWay.signal)
      if (underWay.signal.aborted) return
      this.nodes = after === null ? nodes : [...(this.nodes ?? []), ...nodes]
      this.totalCount = totalCount ?? this.totalCount
      this.#after = pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null
    } catch (error) {
      if (underWay.signal.aborted) return
      this.error = error
    }
    this.isLoading = false
    const focused = document.activeElement
    this.#host.requestUpdate()
    await this.#host.updateComplete
    // Such as the button of an entry that is gone.
    if (focused && !focused.isConnected) document.querySelector('h1')?.focus()
  }
}
