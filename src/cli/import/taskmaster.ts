import * as v from 'valibot'
import type { LogConversationInput } from '../../conversations/parse-conversation.ts'
import { parseExactly } from '../../input/exact-number.ts'
import type { ChatMessageInput, ToolCallInput } from '../../messages/parse-messages.ts'

/**
 * One line of Taskmaster-4. What is not named here is left out: `index`, which repeats the order, and `segments`, which
 * mark words of the text.
 */
const dialogue = v.object({
  conversation_id: v.pipe(v.string(), v.nonEmpty('must not be empty')),
  vertical: v.optional(v.string()),
  scenario: v.optional(v.string()),
  utterances: v.pipe(
    v.array(
      v.object({
        speaker: v.picklist(['user', 'assistant']),
        text: v.string(),
        annotations: v.optional(v.array(v.object({ name: v.string(), value: v.string(), context: v.string() })), []),
      }),
    ),
    v.nonEmpty('must not be empty'),
  ),
})

export type Dialogue = v.InferOutput<typeof dialogue>
type Utterance = Dialogue['utterances'][number]
type Annotation = Utterance['annotations'][number]
type Entry = { chat: ChatMessageInput } | { tool: ToolCallInput }

/** A line that holds no conversation. The message says why. */
export class MalformedLine extends Error {}

export function parseLine(bytes: Uint8Array): Dialogue {
  const result = v.safeParse(dialogue, parseBytes(bytes))
  if (result.success) return result.output
  const [issue] = result.issues
  throw new MalformedLine(`${v.getDotPath(issue) ?? 'the line'}: ${issue.message}`)
}

function parseBytes(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new MalformedLine('is not UTF-8')
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new MalformedLine('is not JSON')
  }
}

export interface ConvertedDialogue {
  input: LogConversationInput & { externalId: string; messages: Entry[] }
  toolCalls: number
  /** Requests and responses that are not JSON: their text is kept as a JSON string. */
  malformedJsonTexts: number
  /** Tool calls that lack one of their four annotations; the others are kept. */
  incompleteToolCalls: number
}

/** When a conversation may take place: messages lie in [start, end). */
export interface TimeRange {
  start: Date
  end: Date
}

const BETWEEN_MESSAGES_MS = 5_000

/** Converts a dialogue to a conversation that starts at `start`; its messages are closer together if `end` is near. */
export function convertDialogue(dialogue: Dialogue, { start, end }: TimeRange): ConvertedDialogue {
  const turns = dialogue.utterances.map((utterance) => ({ utterance, calls: collectToolCalls(utterance.annotations) }))
  const calls = turns.flatMap((turn) => turn.calls)
  const entries = turns.flatMap(({ utterance, calls }) => inOrder(utterance, calls))
  const room = Math.floor((end.getTime() - start.getTime()) / entries.length)
  const stepMs = Math.min(BETWEEN_MESSAGES_MS, room)
  return {
    input: {
      externalId: dialogue.conversation_id,
      onConflict: 'RETURN_EXISTING',
      status: 'COMPLETED',
      metadata: { vertical: dialogue.vertical, scenario: dialogue.scenario },
      messages: entries.map((entry, index) => withTime(entry, new Date(start.getTime() + index * stepMs))),
    },
    toolCalls: calls.length,
    malformedJsonTexts: calls.reduce((sum, call) => sum + call.malformedJsonTexts, 0),
    incompleteToolCalls: calls.filter((call) => call.parts.size < PARTS.size).length,
  }
}

/**
 * In this data set, every tool call is annotated on an utterance of the user: the assistant heard it, looked the drink
 * up, ordered it, and reported the outcome in its next utterance. So the calls go between the two. A call annotated on
 * an utterance of the assistant could only have been made for that utterance, and goes before it.
 */
function inOrder({ speaker, text }: Utterance, calls: CollectedCall[]): Entry[] {
  const said: Entry = { chat: { role: speaker === 'user' ? 'USER' : 'ASSISTANT', content: text } }
  const called: Entry[] = calls.map(({ name = 'unknown', input, output }) => ({ tool: { name, input, output } }))
  return speaker === 'user' ? [said, ...called] : [...called, said]
}

const withTime = (entry: Entry, timestamp: Date): Entry =>
  'chat' in entry ? { chat: { ...entry.chat, timestamp } } : { tool: { ...entry.tool, timestamp } }

interface CollectedCall {
  name?: string
  input?: unknown
  output?: unknown
  /** Which of its four annotations there were. */
  parts: Set<string>
  malformedJsonTexts: number
}

const PARTS = new Set(['api_call', 'request', 'api_response', 'response'])

/** Groups the annotations of each call: `api_call_3` and `api_response_3` are the contexts of one. */
function collectToolCalls(annotations: Annotation[]): CollectedCall[] {
  const calls: CollectedCall[] = []
  const latest = new Map<string, CollectedCall>()
  for (const { name, value, context } of annotations) {
    if (!PARTS.has(name)) continue
    const key = context.slice(context.lastIndexOf('_') + 1)
    let call = latest.get(key)
    if (!call || call.parts.has(name)) {
      call = { parts: new Set(), malformedJsonTexts: 0 }
      calls.push(call)
      latest.set(key, call)
    }
    call.parts.add(name)
    if (name === 'request') call.input = parseJson(value, call)
    else if (name === 'response') call.output = parseJson(value, call)
    else call.name ??= value
  }
  return calls
}

/** Some of these texts were typed by hand, with too many quotes. They are kept as they are, which is better than not at all. */
function parseJson(text: string, call: CollectedCall): unknown {
  try {
    // A number that would lose digits in JavaScript is sent as it is, and the server refuses it.
    return parseExactly(text)
  } catch {
    call.malformedJsonTexts += 1
    return text
  }
}
