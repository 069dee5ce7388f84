import { setTimeout } from 'node:timers/promises'
import { type Answer, ask, type Failure, isPassing } from './ask.ts'
import type { Ledger } from './ledger.ts'
import { messagesOf, startOf } from './messages.ts'
import type { Tenant } from './parley.ts'

const RETRY_AFTER_MS = 150

export interface ClientOptions {
  tenant: Tenant
  /** The servers, one of which each attempt goes to. */
  origins: readonly string[]
  ledger: Ledger
  /** What must not happen. */
  onProblem(problem: string): void
}

interface Open {
  externalId: string
  tags: string[]
}

/** One message or row of a write, or as many as a write has. */
type Operation = (tag: string, seed: number) => Promise<void>

/**
 * A back end that logs conversations and goes on with them. It repeats a write that was not acknowledged, with the same
 * idempotency key, until it is.
 */
export class Writer {
  readonly #options: ClientOptions
  readonly #name: string
  readonly #shared: string
  #open: Open[] = []
  #stopping = false
  #attempts = 0
  #done = 0

  constructor(name: string, options: ClientOptions) {
    this.#name = `${options.tenant.id}/${name}`
    // All writers of a tenant append to this one, and wait for each other.
    this.#shared = `${options.tenant.id}/shared`
    this.#options = options
  }

  /** Operations that it has finished. */
  get done(): number {
    return this.#done
  }

  stop(): void {
    this.#stopping = true
  }

  async run(): Promise<void> {
    const operations: Operation[] = [
      (tag, seed) => this.#log(tag, seed),
      (tag, seed) => this.#append(tag, seed),
      (tag, seed) => this.#appendShared(tag, seed),
      (tag, seed) => this.#logMany(tag, seed),
      (tag) => this.#update(tag),
      (tag, seed) => this.#append(tag, seed),
      (tag, seed) => this.#complete(tag, seed),
      (tag, seed) => this.#log(tag, seed),
      () => this.#delete(),
    ]
    for (let n = 0; !this.#stopping; n += 1) {
      await operations[n % operations.length]?.(`${this.#name}/${n}`, n)
      this.#done += 1
      // A pause of a few milliseconds: this process and the servers share two cores.
      await setTimeout(5)
    }
  }

  async #log(tag: string, seed: number) {
    const parts = 1 + (seed % 5)
    this.#options.ledger.send(tag, parts)
    const status = seed % 2 ? 'ACTIVE' : 'COMPLETED'
    const input = { ...this.#conversation(tag, parts, seed), status, isTest: seed % 17 === 0 }
    await this.#send('logConversation', 'LogConversationInput', 'created', input)
    this.#options.ledger.acknowledge(tag)
    if (status === 'ACTIVE') this.#open.push({ externalId: tag, tags: [tag] })
  }

  async #logMany(tag: string, seed: number) {
    const tags = Array.from({ length: 8 }, (_, i) => `${tag}/${i}`)
    for (const each of tags) this.#options.ledger.send(each, 3)
    const inputs = tags.map((each, i) => this.#conversation(each, 3, seed + i))
    await this.logAll(inputs)
    for (const each of tags) this.#options.ledger.acknowledge(each)
  }

  #conversation(externalId: string, parts: number, seed: number) {
    const messages = messagesOf(externalId, parts, seed)
    return { externalId, idempotencyKey: externalId, metadata: { plan: `p${seed % 3}` }, ...startOf(seed), messages }
  }

  /** Until each of them is stored. */
  async logAll(inputs: readonly object[]): Promise<void> {
    const query = `mutation ($inputs: [LogConversationInput!]!) {
      logConversations(input: { conversations: $inputs }) { results { error { code message } } } }`
    type Data = { logConversations: { results: { error: Failure | null }[] } }
    await this.#insist(async () => {
      const answer = await this.#ask<Data>(query, { inputs })
      if ('failure' in answer) return answer
      const refused = answer.data.logConversations.results.find(({ error }) => error !== null)
      return refused?.error ? { failure: refused.error } : answer
    })
  }

  async #append(tag: string, seed: number) {
    const conversation = this.#open[seed % Math.max(1, this.#open.length)]
    if (!conversation) return
    conversation.tags.push(tag)
    await this.#appendTo(conversation.externalId, tag, seed)
  }

  #appendShared(tag: string, seed: number) {
    return this.#appendTo(this.#shared, tag, seed, { createIfMissing: true })
  }

  async #appendTo(externalId: string, tag: string, seed: number, more: object = {}) {
    const parts = 1 + (seed % 3)
    this.#options.ledger.send(tag, parts)
    const input = { by: { externalId }, idempotencyKey: tag, messages: messagesOf(tag, parts, seed), ...more }
    await this.#send('appendMessages', 'AppendMessagesInput', 'created', input)
    this.#options.ledger.acknowledge(tag)
  }

  /** What is kept of it is an entry of the conversation's metadata. */
  async #update(tag: string) {
    const [conversation] = this.#open
    if (!conversation) return
    conversation.tags.push(tag)
    this.#options.ledger.send(tag, 1)
    const input = {
      by: { externalId: conversation.externalId },
      idempotencyKey: tag,
      outcome: 'HUMAN_AGENT',
      metadata: { [tag]: 1 },
    }
    await this.#send('updateConversation', 'UpdateConversationInput', 'conversation { id }', input)
    this.#options.ledger.acknowledge(tag)
  }

  async #complete(tag: string, seed: number) {
    const conversation = this.#open.shift()
    if (!conversation) return
    await this.#appendTo(conversation.externalId, tag, seed, { status: 'COMPLETED' })
  }

  async #delete() {
    const conversation = this.#open.pop()
    if (!conversation) return
    const { externalId } = conversation
    this.#options.ledger.forget(conversation.tags)
    const input = { by: { externalId }, idempotencyKey: `delete ${externalId}` }
    await this.#send('deleteConversation', 'DeleteConversationInput', 'deletedId', input)
    this.#options.ledger.acknowledgeDeletion(externalId)
  }

  #send(field: string, type: string, selection: string, input: object) {
    return this.#insist(() =>
      this.#ask(`mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} } }`, { input }),
    )
  }

  async #ask<Data>(query: string, variables: object): Promise<Answer<Data>> {
    const { origins, tenant } = this.#options
    this.#attempts += 1
    return ask<Data>({ origin: origins[this.#attempts % origins.length] ?? '', key: tenant.key, query, variables })
  }

  /** Throws only if a failure does not pass by itself. */
  async #insist(attempt: () => Promise<Answer<unknown>>) {
    for (;;) {
      const answer = await attempt()
      if (!('failure' in answer)) return
      if (!isPassing(answer.failure)) {
        this.#options.onProblem(`a write was refused: ${answer.failure.code}: ${answer.failure.message}`)
        throw new Error(answer.failure.message)
      }
      await setTimeout(RETRY_AFTER_MS)
    }
  }
}
