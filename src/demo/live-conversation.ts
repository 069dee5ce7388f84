import { setTimeout } from 'node:timers/promises'
import type { LoggedMessage, Parley } from '../client/index.ts'

/** The lines of the live conversation, repeated for as long as the demo runs. */
export const LINES = [
  { role: 'user', content: 'Hello! Is my order on its way?' },
  { tool: { name: 'find_order', input: { order: 1001 }, output: { status: 'shipped' } } },
  { role: 'assistant', content: 'It left our warehouse this morning.', agent: 'Order Bot' },
  { role: 'user', content: 'And when will it be here?', sentiment: 0.2 },
  { role: 'assistant', content: 'Tomorrow before noon.', agent: 'Order Bot' },
  // Someone who can write this can also write a script: a page shows it as text.
  { role: 'user', content: 'Thanks! I <3 your shop & its <b>quick</b> answers.', sentiment: 0.9 },
] as const satisfies LoggedMessage[]

const PAUSE_MS = 1_000
const TURNS = 100

/** Talks until it is aborted: when a conversation has become long, it is completed, and another begins. */
export async function talk(parley: Parley, signal: AbortSignal): Promise<void> {
  for (let count = 1; ; count += 1) {
    const externalId = `live-${count}`
    for (let turn = 0; turn < TURNS; turn += 1) {
      for (const line of LINES) {
        parley.append(externalId, [line])
        await setTimeout(PAUSE_MS, undefined, { signal })
      }
    }
    parley.complete(externalId)
  }
}
