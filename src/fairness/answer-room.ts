import type { Holder } from './holder.ts'

/** The memory that answers may take until their clients have read them. */
export interface AnswerRoom {
  /** Throws OVERLOADED if another answer would have no room: then it need not be made. */
  refuseFull(holder: Holder): void
  /** Room for an answer that is being written. */
  growing(holder: Holder): GrowingAnswer
}

export interface GrowingAnswer {
  /**
   * To be awaited before a long answer is written on: a tenant's are written one after the other. Together they could fill
   * its room before any of them is whole. Throws OVERLOADED if there is no room any more.
   */
  turn(): Promise<void>
  /** Throws OVERLOADED if there is no room for so many more bytes. */
  grow(bytes: number): void
  /** It is written, or never will be. */
  end(): void
}
