import { setTimeout } from 'node:timers/promises'
import { ask, type Failure, isPassing } from './ask.ts'
import type { Tenant } from './parley.ts'

const LIST = `query ($range: TimeRange!) {
  conversations(first: 20) { nodes { externalId messages(first: 4) { nodes { metadata } } } }
  conversationSeries(measures: [CONVERSATIONS, MESSAGES], interval: DAY, range: $range) { lines { total } }
}`

const LOOK_UP = 'query ($externalId: String!) { conversation(by: { externalId: $externalId }) { externalId } }'

interface List {
  conversations: {
    nodes: { externalId: string; messages: { nodes: { metadata: { tag?: string } }[] } }[]
  }
}

interface ReaderOptions {
  /** Whom it reads for. With `accountKey`, one credential reads for all of them in turn. */
  tenants: readonly Tenant[]
  accountKey?: string
  origins: readonly string[]
  onProblem(problem: string): void
}

/** A page that reads again and again, and sees whether anything of another tenant is shown to it. */
export class Reader {
  readonly #options: ReaderOptions
  #stopping = false
  #asked = 0
  /** Answers, and failures that pass. */
  answered = 0
  failed: Failure[] = []

  constructor(options: ReaderOptions) {
    this.#options = options
  }

  stop(): void {
    this.#stopping = true
  }

  async run(): Promise<void> {
    while (!this.#stopping) {
      await this.#read()
      await setTimeout(15)
    }
  }

  async #read() {
    const { tenants, origins, accountKey, onProblem } = this.#options
    this.#asked += 1
    const turn = this.#asked
    const tenant = tenants[turn % tenants.length] as Tenant
    const other = tenants[(turn + 1) % tenants.length] as Tenant
    const origin = origins[turn % origins.length] ?? ''
    const credential = accountKey === undefined ? { key: tenant.key } : { key: accountKey, tenantId: tenant.id }
    const range = { from: new Date(Date.now() - 30 * 86_400_000).toISOString() }
    const list = await ask<List>({ origin, ...credential, query: LIST, variables: { range } })
    if ('failure' in list) return this.#note(list.failure)
    this.answered += 1
    for (const tag of tagsIn(list.data)) {
      if (!tag.startsWith(`${tenant.id}/`)) onProblem(`${tenant.id} was shown ${tag}`)
    }
    if (other === tenant) return
    const variables = { externalId: `${other.id}/shared` }
    const found = await ask<{ conversation: unknown }>({ origin, ...credential, query: LOOK_UP, variables })
    if ('failure' in found) return this.#note(found.failure)
    if (found.data.conversation !== null) onProblem(`${tenant.id} was shown a conversation of ${other.id}`)
  }

  #note(failure: Failure) {
    this.failed.push(failure)
    if (!isPassing(failure)) this.#options.onProblem(`a read was refused: ${failure.code}: ${failure.message}`)
  }
}

const tagsIn = ({ conversations }: List) =>
  conversations.nodes.flatMap(({ externalId, messages }) => [
    externalId,
    ...messages.nodes.flatMap(({ metadata }) => (metadata.tag === undefined ? [] : [metadata.tag])),
  ])
