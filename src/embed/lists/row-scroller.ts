/** Rows that are drawn above and below those on screen, so that a fast scroll shows no gap. */
const OVERSCAN = 8
/** What is drawn changes by so many rows at a time. */
const STEP = 4

/**
 * Which rows of a list are drawn, and where. All rows are as high as each other, and only those near the screen are drawn:
 * so 10,000 take as long as 30. Rows that come or go above the reader's place move nothing that is on screen.
 */
export class RowScroller<Row extends { id: string }> {
  rows: readonly Row[] = []
  /** What is drawn: from here, and up to there. */
  first = 0
  last = 0
  /** Until one is measured. */
  #rowHeight = 68
  #scrollTop = 0
  #height = 0
  #places: ReadonlyMap<string, number> = new Map()
  /** Where to scroll once the rows are drawn. */
  #scrollTo: number | null = null

  /** Other rows than before: the reader's place is the start again. */
  reset(): void {
    this.rows = []
    this.#places = new Map()
    this.#scrollTo = 0
  }

  placeOf(id: string | null): number | null {
    return id === null ? null : (this.#places.get(id) ?? null)
  }

  isAtStart(): boolean {
    return this.#scrollTop < this.#rowHeight / 2
  }

  visible(): readonly Row[] {
    return this.rows.slice(this.#firstVisible, Math.ceil((this.#scrollTop + this.#height) / this.#rowHeight))
  }

  /** How many rows fit on the screen as a whole. */
  get pageLength(): number {
    return Math.max(1, Math.floor(this.#height / this.#rowHeight))
  }

  /** How many screens of rows are left below. */
  get screensBelow(): number {
    const below = this.rows.length * this.#rowHeight - this.#scrollTop - this.#height
    return this.#height > 0 ? below / this.#height : Number.POSITIVE_INFINITY
  }

  /** To be called before the rows are drawn. */
  prepare(rows: readonly Row[], scroller: HTMLElement | null): void {
    if (rows !== this.rows) this.#replace(rows)
    const scrollTop = this.#scrollTo ?? scroller?.scrollTop ?? 0
    this.#move(scrollTop, scroller?.clientHeight || this.#height || 520)
  }

  /** To be called when they are drawn. Returns whether others have to be. */
  place(scroller: HTMLElement, list: HTMLElement): boolean {
    // Before anything is measured: while the rows are fewer than that, the browser would scroll back.
    this.#pad(list)
    const height = list.querySelector('[role=option]')?.getBoundingClientRect().height || this.#rowHeight
    const isMeasured = Math.abs(height - this.#rowHeight) < 0.01
    this.#rowHeight = height
    if (!isMeasured) this.#pad(list)
    if (this.#scrollTo !== null) scroller.scrollTop = this.#scrollTo
    this.#scrollTo = null
    return this.scrolled(scroller) || !isMeasured
  }

  /** The reader has scrolled. Returns whether other rows have to be drawn. */
  scrolled({ scrollTop, clientHeight }: HTMLElement): boolean {
    return this.#move(scrollTop, clientHeight)
  }

  scrollToStart(): void {
    this.#scrollTo = 0
  }

  /** Scrolls no further than needed for the row to be on the screen as a whole. */
  reveal(place: number): void {
    const top = place * this.#rowHeight
    const from = this.#scrollTo ?? this.#scrollTop
    this.#scrollTo = Math.max(Math.min(from, top), top + this.#rowHeight - this.#height)
  }

  get #firstVisible(): number {
    return Math.max(0, Math.floor(this.#scrollTop / this.#rowHeight))
  }

  #pad({ style }: HTMLElement) {
    style.setProperty('--above', `${this.first * this.#rowHeight}px`)
    style.setProperty('--below', `${(this.rows.length - this.last) * this.#rowHeight}px`)
  }

  #replace(rows: readonly Row[]) {
    const before = this.rows.slice(this.#firstVisible)
    this.rows = rows
    this.#places = new Map(rows.map(({ id }, place) => [id, place]))
    if (this.isAtStart() || this.#scrollTo !== null) return
    // The first row on screen that is still there.
    const gone = before.findIndex(({ id }) => this.#places.has(id))
    const place = this.placeOf(before[gone]?.id ?? null)
    if (place === null) return
    this.#scrollTo = this.#scrollTop + (place - this.#firstVisible - gone) * this.#rowHeight
  }

  #move(scrollTop: number, height: number): boolean {
    const [first, last] = [this.first, this.last]
    this.#scrollTop = scrollTop
    this.#height = height
    const top = Math.floor(scrollTop / this.#rowHeight) - OVERSCAN
    const count = this.rows.length
    const drawn = Math.ceil(height / this.#rowHeight) + 2 * OVERSCAN + STEP
    this.first = Math.min(Math.max(0, Math.floor(top / STEP) * STEP), Math.max(0, count - 1))
    this.last = Math.min(count, this.first + drawn)
    return first !== this.first || last !== this.last
  }
}
