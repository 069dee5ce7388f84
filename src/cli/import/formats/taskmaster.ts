import * as v from 'valibot'
import { isFields } from '../../../client/convert/values.ts'
import type { MessageInput } from '../../../client/generated/schema-types.ts'
import { parseExactly } from '../../../input/exact-number.ts'
import { type Converted, type Format, MalformedEntry, type TimeRange } from './format.ts'

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

/** Taskmaster-4, a data set of conversations with an agent that takes orders. */
export const taskmaster: Format = {
  name: 'taskmaster',
  times: 'never',
  parse: JSON.parse,
  recognises: (value) =>
    isFields(value) && value['conversation_id'] !== undefined && Array.isArray(value['utterances']),
  convert(value, _entry, times) {
    if (!times) throw new Error('Conversations of Taskmaster have no times of their own.')
    return convertDialogue(parseDialogue(value), times)
  },
}

export function parseDialogue(value: unknown): Dialogue {
  const result = v.safeParse(dialogue, value)
  if (result.success) return result.output
  const [issue] = result.issues
  throw new MalformedEntry(`${v.getDotPath(issue) ?? 'the line'}: ${issue.message}`)
}

const BETWEEN_MESSAGES_MS = 5_000

/** Converts a dialogue to a conversation that starts at `start`; its messages are closer together if `end` is near. */
export function convertDialogue(dialogue: Dialogue, { start, end }: TimeRange): Converted {
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
    losses: calls.flatMap((call) => [
      // Some of these texts were typed by hand, with too many quotes.
      ...Array<string>(call.malformedJsonTexts).fill('malformed JSON, kept as text'),
      ...(call.parts.size < PARTS.size ? ['tool call without a request or a response'] : []),
    ]),
  }
}

/**
 * In this data set, every tool call is annotated on an utterance of the user: the assistant heard it, looked the drink
 * up, ordered it, and reported the outcome in its next utterance. So the calls go between the two. A call annotated on
 * an utterance of the assistant could only have been made for that utterance, and goes before it.
 */
function inOrder({ speaker, text }: Utterance, calls: CollectedCall[]): MessageInput[] {
  const said: MessageInput = { chat: { role: speaker === 'user' ? 'USER' : 'ASSISTANT', content: text } }
  const called: MessageInput[] = calls.map(({ name = 'unknown', input, output }) => ({ tool: { name, input, output } }))
  return speaker === 'user' ? [said, ...called] : [...called, said]
}

const withTime = ({ chat, tool }: MessageInput, timestamp: Date): MessageInput =>
  chat ? { chat: { ...chat, timestamp } } : { tool: { name: 'unknown', ...tool, timestamp } }

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

function parseJson(text: string, call: CollectedCall): unknown {
  try {
    // A number that would lose digits in JavaScript is sent as it is, and the server refuses it.
    return parseExactly(text)
  } catch {
    call.malformedJsonTexts += 1
    return text
  }
}
