import DataLoader from 'dataloader'
import type { Client } from '../database/tenant-scope.ts'
import { type GivenConversation, type LoggedConversation, logConversations } from './log-conversation.ts'

/** What is written in one transaction, by one request or by several at once: what is alike is stored together. */
export class WriteGroup {
  readonly #logs: DataLoader<GivenConversation, LoggedConversation>

  constructor(db: Client, tenantId: string) {
    // An outcome that is an error rejects its own promise alone.
    this.#logs = new DataLoader<GivenConversation, LoggedConversation>(
      (given) => logConversations(db, tenantId, given),
      { cache: false },
    )
  }

  /** Stores a conversation; rejects with why it is refused, and then nothing of it is stored. */
  log(given: GivenConversation): Promise<LoggedConversation> {
    return this.#logs.load(given)
  }
}
