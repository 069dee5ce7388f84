import type { Parley } from '../systems/parley.ts'
import { openEventStream, type Subscription } from './event-stream.ts'
import { clock } from './readers.ts'

const LOG =
  'mutation { logConversation(input: { messages: [{ chat: { role: USER, content: "Hello" } }] }) { created } }'

/** The pause between two subscriptions of the neighbour, which must be no load by itself. */
const PAUSE_MS = 50

/** What another tenant experiences, milliseconds each. */
export interface Met {
  /** From subscribing to the first answer. */
  firstAnswers: number[]
  /** From sending a write to the delivery of its change. */
  deliveries: number[]
}

/** As another tenant: subscribes, writes, waits until that is delivered, leaves; over and over until it is told to stop. */
export function startNeighbour(parley: Parley, tenantId: string, subscription: Subscription) {
  const met: Met = { firstAnswers: [], deliveries: [] }
  let stopped = false
  const visit = async () => {
    const delivered = Promise.withResolvers<void>()
    const beginMs = clock()
    let answers = 0
    const stream = await openEventStream(subscription, () => {
      answers += 1
      if (answers === 2) delivered.resolve()
    })
    met.firstAnswers.push(clock() - beginMs)
    const writtenMs = clock()
    await parley.ask(tenantId, LOG)
    await delivered.promise
    met.deliveries.push(clock() - writtenMs)
    stream.close()
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  const visits = (async () => {
    while (!stopped) await visit()
  })()
  return async (): Promise<Met> => {
    stopped = true
    await visits
    return met
  }
}
