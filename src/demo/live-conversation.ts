import { setTimeout } from 'node:timers/promises'
import type { Parley } from './parley.ts'

/** The lines of the live conversation, repeated for as long as the demo runs. */
export const LINES = [
  { chat: { role: 'USER', content: 'Hello! Is my order on its way?' } },
  { tool: { name: 'find_order', input: { order: 1001 }, output: { status: 'shipped' } } },
  { chat: { role: 'ASSISTANT', content: 'It left our warehouse this morning.', agent: { externalId: 'order-bot' } } },
  { chat: { role: 'USER', content: 'And when will it be here?', sentiment: 0.2 } },
  { chat: { role: 'ASSISTANT', content: 'Tomorrow before noon.', agent: { externalId: 'order-bot' } } },
  // Someone who can write this can also write a script: a page shows it as text.
  { chat: { role: 'USER', content: 'Thanks! I <3 your shop & its <b>quick</b> answers.', sentiment: 0.9 } },
] as const

const PAUSE_MS = 1_000
const TURNS = 100

/** Talks until it is aborted: when a conversation has become long, it is completed, and another begins. */
export async function talk(parley: Parley, signal: AbortSignal): Promise<void> {
  for (let count = 1; ; count += 1) {
    const externalId = `live-${count}`
    for (let turn = 0; turn < TURNS * LINES.length; turn += 1) {
      const messages = [LINES[turn % LINES.length]]
      await parley.ask('mutation ($input: AppendMessagesInput!) { appendMessages(input: $input) { created } }', {
        input: { by: { externalId }, createIfMissing: true, messages },
      })
      await setTimeout(PAUSE_MS, undefined, { signal })
    }
    await parley.ask(
      'mutation ($input: CompleteConversationInput!) { completeConversation(input: $input) { conversation { id } } }',
      { input: { by: { externalId } } },
    )
  }
}
