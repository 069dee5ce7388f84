import { type EventStream, openEventStream, type Subscription } from './event-stream.ts'

/**
 * The subscribers of a benchmark. They run in a process of their own (reader-process.ts), so that what they read does not
 * delay the process that writes and measures.
 */

/** A state that a write has brought a conversation to, and when the write was acknowledged (milliseconds of `clock`). */
export interface Write {
  conversationId: string
  messageCount: number
  acknowledgedMs: number
}

export type Order =
  | { kind: 'OPEN'; reading: Subscription[]; silent: Subscription[] }
  | { kind: 'REPORT'; writes: Write[]; timeoutMs: number }
  | { kind: 'CLOSE' }

export interface Report {
  /** From acknowledgement to delivery, of each write at each reader, in order. What never came is infinite. */
  lagsMs: number[]
  /** What the slowest reader received of the writes. */
  received: number
}

/** The same in every process of the machine. */
export const clock = () => Number(process.hrtime.bigint() / 1_000n) / 1_000

interface Delivery {
  messageCount: number
  atMs: number
}

/** What was delivered to one reader, by conversation. */
type Deliveries = Map<string, Delivery[]>

interface Answer {
  errors?: unknown
  data?: {
    conversationsChanged: { changes: { conversationId: string; conversation: { messageCount: number } | null }[] }
  }
}

let streams: EventStream[] = []
let readers: Deliveries[] = []

async function open({ reading, silent }: Order & { kind: 'OPEN' }) {
  readers = reading.map(() => new Map())
  const opened = [
    ...reading.map((one, i) => openEventStream(one, (text) => note(readers[i] as Deliveries, text))),
    ...silent.map(async (one) => {
      const stream = await openEventStream(one, () => {})
      stream.pause()
      return stream
    }),
  ]
  streams = await Promise.all(opened)
}

function note(deliveries: Deliveries, text: string) {
  const atMs = clock()
  const { data, errors } = JSON.parse(text) as Answer
  if (!data || errors) throw new Error(`a subscription failed while measuring: ${text.slice(0, 2_000)}`)
  for (const { conversationId, conversation } of data.conversationsChanged.changes) {
    const known = deliveries.get(conversationId)
    const delivery = { messageCount: conversation?.messageCount ?? 0, atMs }
    if (known) known.push(delivery)
    else deliveries.set(conversationId, [delivery])
  }
}

/** Waits until everybody has received everything, or for the time given. */
async function report({ writes, timeoutMs }: Order & { kind: 'REPORT' }): Promise<Report> {
  const untilMs = clock() + timeoutMs
  const timeOf = (deliveries: Deliveries, { conversationId, messageCount }: Write) =>
    deliveries.get(conversationId)?.find((one) => one.messageCount >= messageCount)?.atMs
  const missing = () => readers.some((one) => writes.some((write) => timeOf(one, write) === undefined))
  while (missing() && clock() < untilMs) await new Promise((resolve) => setTimeout(resolve, 100))
  const lagsMs = readers.flatMap((one) =>
    writes.map((write) => Math.max(0, (timeOf(one, write) ?? Number.POSITIVE_INFINITY) - write.acknowledgedMs)),
  )
  const received = readers.map((one) => writes.filter((write) => timeOf(one, write) !== undefined).length)
  return { lagsMs: lagsMs.sort((a, b) => a - b), received: Math.min(...received) }
}

export async function carryOut(order: Order): Promise<Report | null> {
  if (order.kind === 'OPEN') await open(order)
  if (order.kind === 'REPORT') return report(order)
  if (order.kind === 'CLOSE') for (const stream of streams.splice(0)) stream.close()
  return null
}
