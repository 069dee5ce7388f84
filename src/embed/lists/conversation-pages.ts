import type { ConversationConnection } from '../../client/generated/schema-types.ts'
import type { ConversationRow } from './conversation-row.ts'

/** What a query brought: rows, with the cursors at their ends. */
export interface Chunk {
  nodes: readonly ConversationRow[]
  pageInfo: Pick<ConversationConnection['pageInfo'], 'startCursor' | 'endCursor' | 'hasNextPage'>
}

/** Fetches what is between two cursors, at most one chunk of it. */
export type FetchChunk = (between: { after: string | null; before: string | null; first: number }) => Promise<Chunk>

/** A part of the list that is loaded again as a whole. It lasts from its cursor to the start of the next one. */
interface Page {
  after: string | null
  start: string | null
  rows: ConversationRow[]
}

/** If more chunks than this came between two rows, the list is loaded again from its start. */
const MAX_CHUNKS = 10
/** If more than this came before the rows of a reader who is further down, the rest is loaded once they ask for it. */
const MAX_FRESH_CHUNKS = 4

/**
 * The part of a list that is loaded, from its start. Cursors are positions and no rows, so that pages neither overlap nor
 * leave gaps, whatever is stored, changed or deleted meanwhile; a row that moves is only shown where it was found last.
 */
export class ConversationPages {
  readonly #fetch: FetchChunk
  readonly #pageSize: number
  #pages: Page[] = []
  #end: string | null = null
  /** What was deleted while a query ran may be in its answer. */
  readonly #deleted = new Set<string>()
  #last: Promise<unknown> = Promise.resolve()
  /** Whether there are more rows than these. */
  hasMore = true
  /** All rows that are loaded, in order. */
  rows: readonly ConversationRow[] = []
  /** Of the start of the list, but not yet among the rows. */
  fresh: readonly ConversationRow[] = []
  /** Whether there are more rows between these and the first row: they can't be shown but by loading the list again. */
  hasGap = false

  constructor(fetch: FetchChunk, pageSize: number) {
    this.#fetch = fetch
    this.#pageSize = pageSize
  }

  /** Resolves when the next page is there. Pages are loaded one after the other. */
  loadMore(): Promise<void> {
    return this.#inTurn(async () => {
      const after = this.#end
      const { pageInfo, ...page } = await this.#fetchPage(after, null)
      this.hasMore = pageInfo.hasNextPage
      this.#end = pageInfo.endCursor ?? after
      this.#place(this.#pages.length, 0, [page])
    })
  }

  /**
   * Loads again the pages that have one of these rows, and with `start` the first one. New rows at the start of the list
   * become rows of it only if `isShown`, and else `fresh`. Returns false if there are too many.
   */
  refresh(ids: ReadonlySet<string>, options: { start: boolean; isShown: () => boolean }): Promise<boolean> {
    const isStale = (page: Page) =>
      (options.start && page === this.#pages[0]) || page.rows.some(({ id }) => ids.has(id))
    return this.#inTurn(async () => {
      // From the end, because a page that is placed is joined with the one before it.
      for (const page of this.#pages.filter(isStale).toReversed())
        if (!(await this.#refreshPage(page, options.isShown))) return false
      return true
    })
  }

  /** Makes the fresh rows rows of the list. */
  showFresh(): void {
    const [first] = this.#pages
    first?.rows.unshift(...this.fresh)
    this.fresh = []
    this.#flatten()
  }

  /** Returns whether it was there. */
  remove(id: string): boolean {
    this.#deleted.add(id)
    const count = this.rows.length + this.fresh.length
    for (const page of this.#pages) page.rows = page.rows.filter((row) => row.id !== id)
    this.fresh = this.fresh.filter((row) => row.id !== id)
    this.#flatten()
    return this.rows.length + this.fresh.length < count
  }

  #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(run)
    // Whoever asked for it gets the error.
    this.#last = result.catch(() => {})
    return result
  }

  async #fetchPage(after: string | null, before: string | null): Promise<Page & Pick<Chunk, 'pageInfo'>> {
    const { nodes, pageInfo } = await this.#fetch({ after, before, first: this.#pageSize })
    const rows = nodes.filter(({ id }) => !this.#deleted.has(id))
    return { after, start: pageInfo.startCursor ?? after, rows, pageInfo }
  }

  async #refreshPage(page: Page, isShown: () => boolean): Promise<boolean> {
    const known = new Set(this.rows.map(({ id }) => id))
    const found: Page[] = []
    const before = this.#pages[this.#pages.indexOf(page) + 1]?.start ?? null
    let missing = page.rows.length
    let after = page.after
    for (let hasNext = true; hasNext; ) {
      if (found.length === MAX_CHUNKS) return false
      if (found.length === MAX_FRESH_CHUNKS && page === this.#pages[0] && !isShown()) {
        this.fresh = found.flatMap(({ rows }) => rows).filter(({ id }) => !known.has(id))
        this.hasGap = true
        return true
      }
      const { pageInfo, ...next } = await this.#fetchPage(after, before)
      found.push(next)
      after = pageInfo.endCursor ?? after
      hasNext = pageInfo.hasNextPage
      if (before !== null) continue
      this.hasMore = hasNext
      this.#end = after
      // Rows after the last one that is loaded come when they are scrolled to.
      missing -= next.rows.filter(({ id }) => known.has(id)).length
      if (missing <= 0) break
    }
    const place = this.#pages.indexOf(page)
    if (place === 0) this.#keepFresh(found, known, isShown())
    this.#place(place, 1, found)
    return true
  }

  /** Takes new rows off the start, unless they are shown at once. */
  #keepFresh(found: readonly Page[], known: ReadonlySet<string>, isShown: boolean) {
    this.fresh = []
    if (isShown) return
    const all = found.flatMap(({ rows }) => rows)
    const count = all.findIndex(({ id }) => known.has(id))
    this.fresh = all.slice(0, count === -1 ? all.length : count)
    const ids = new Set(this.fresh.map(({ id }) => id))
    for (const page of found) page.rows = page.rows.filter(({ id }) => !ids.has(id))
  }

  /** Replaces pages. Small ones are joined, so that a list that grows at its start does not get many. */
  #place(place: number, count: number, pages: readonly Page[]) {
    const moved = new Set(pages.flatMap(({ rows }) => rows.map(({ id }) => id)))
    const others = this.#pages.toSpliced(place, count)
    for (const page of others) page.rows = page.rows.filter(({ id }) => !moved.has(id))
    const joined: Page[] = []
    for (const page of [...others.slice(0, place), ...pages, ...others.slice(place)]) {
      const last = joined.at(-1)
      if (last && last.rows.length + page.rows.length <= this.#pageSize) last.rows.push(...page.rows)
      else joined.push(page)
    }
    this.#pages = joined
    this.#flatten()
  }

  #flatten() {
    this.rows = this.#pages.flatMap(({ rows }) => rows)
  }
}
