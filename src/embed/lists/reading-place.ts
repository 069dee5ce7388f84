const NEAR_END_PX = 40

/** Keeps the reader's place in a transcript that grows at both ends. */
export class ReadingPlace {
  #scroller: HTMLElement | null = null
  #anchor: HTMLElement | null = null
  #anchorTop = 0
  /** Whether the reader is at the end, and so follows what is added there. */
  isAtEnd = true

  /** To be called before entries are drawn. */
  note(scroller: HTMLElement | null): void {
    this.#scroller = scroller
    if (!scroller) {
      this.isAtEnd = true
      return
    }
    this.scrolled(scroller)
    const top = scroller.getBoundingClientRect().top
    const entries = [...scroller.querySelectorAll<HTMLElement>('.entry')]
    this.#anchor = entries.find((entry) => entry.getBoundingClientRect().bottom > top) ?? null
    this.#anchorTop = this.#anchor?.getBoundingClientRect().top ?? 0
  }

  /** To be called when they are drawn. */
  keep(scroller: HTMLElement): void {
    if (this.isAtEnd || scroller !== this.#scroller) this.toEnd(scroller)
    else if (this.#anchor?.isConnected) scroller.scrollTop += this.#anchor.getBoundingClientRect().top - this.#anchorTop
  }

  toEnd(scroller: HTMLElement): void {
    scroller.scrollTop = scroller.scrollHeight
    this.isAtEnd = true
  }

  scrolled({ scrollHeight, scrollTop, clientHeight }: HTMLElement): void {
    this.isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX
  }
}
