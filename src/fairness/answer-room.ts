import type { Holder } from './holder.ts'

/** The memory that answers may take until their clients have read them. */
export interface AnswerRoom {
  /** Throws OVERLOADED if another answer would have no room: then it need not be made. */
  refuseFull(holder: Holder): void
  /** Room for an answer that is being written. */
  growing(holder: Holder): GrowingAnswer
}

export interface GrowingAnswer {
  /** Throws OVERLOADED if there is no room for so many more bytes. */
  grow(bytes: number): void
  /** It is written, or never will be. */
  end(): void
}
