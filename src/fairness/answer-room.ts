import type { Holder } from './holder.ts'

/** The memory that answers may use until their clients have read them. */
export interface AnswerRoom {
  /** Throws OVERLOADED if another answer would have no room: then it need not be made. */
  refuseFull(holder: Holder): void
  /** Room for an answer that is being written. */
  growing(holder: Holder): GrowingAnswer
}

export interface GrowingAnswer {
  /**
   * Await this before writing more of a long answer: those of one tenant are written one after the other. Together,
   * they could fill the tenant's room before any of them is complete. Throws OVERLOADED if there is no room any more.
   */
  turn(): Promise<void>
  /** Throws OVERLOADED if there is no room for this many more bytes. */
  grow(bytes: number): void
  /** Call this when the answer is written, or never will be. */
  end(): void
}
