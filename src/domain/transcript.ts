import { badInput, type InputPath } from '../errors.ts'
import type { MessageInput } from './message-rows.ts'

/** Who speaks under a label. "Agent" is the AI agent here, as everywhere in this API. */
const ROLES: Record<string, 'USER' | 'ASSISTANT'> = {
  user: 'USER',
  human: 'USER',
  customer: 'USER',
  assistant: 'ASSISTANT',
  ai: 'ASSISTANT',
  agent: 'ASSISTANT',
}

// `s`: U+2028 ends a line for `.`, and is a character like others in what people paste.
const LABELLED = new RegExp(`^\\s*(${Object.keys(ROLES).join('|')})\\s*:\\s?(.*)$`, 'is')

/**
 * Reads a text transcript: each message begins on a line with a label (`User:`, `Assistant:`, `Human:`, `AI:`,
 * `Customer:`, `Agent:`), and a line without one goes on with the message above. Blank lines at the end of a message are dropped.
 */
export function readTranscript(transcript: string, path: InputPath): MessageInput[] {
  const messages: { role: 'USER' | 'ASSISTANT'; lines: string[] }[] = []
  for (const [index, line] of transcript.split(/\r\n|\r|\n/).entries()) {
    const [, label, text] = LABELLED.exec(line) ?? []
    const role = label && ROLES[label.toLowerCase()]
    if (role) messages.push({ role, lines: [text ?? ''] })
    else if (messages.length > 0) messages.at(-1)?.lines.push(line)
    else if (line.trim() !== '') {
      throw badInput(path, `line ${index + 1} has no label such as "User:" or "Assistant:", and no message above it.`)
    }
  }
  if (messages.length === 0) throw badInput(path, 'has no message.')
  return messages.map(({ role, lines }) => ({ chat: { role, content: lines.join('\n').trimEnd() } }))
}
