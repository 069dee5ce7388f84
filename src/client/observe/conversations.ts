import type { AgentReference, ConversationStatus } from '../generated/schema-types.ts'
import type { LoggedMessage } from '../logged-input.ts'
import type { Parley } from '../parley.ts'
import { unref } from '../timers.ts'
import { roleOf } from '../vocabulary.ts'
import { type CallOutcome, OpenAICall, type OpenAIRequest } from './call.ts'
import { OpenAITranscript } from './transcript.ts'

/** Conversations whose messages are remembered, so that they are not sent again. */
const REMEMBERED = 1_000
/** How long a tool call waits for its result before it is logged without one. */
const RESULT_TIMEOUT_MS = 300_000

const STATUSES: Record<CallOutcome['ending'], ConversationStatus> = {
  ANSWERED: 'COMPLETED',
  ABORTED: 'ABANDONED',
  FAILED: 'FAILED',
}

/** Of each client, by the conversations' external ids: a host may observe its client anew for each request. */
const remembered = new WeakMap<Parley, Map<string, OpenAITranscript>>()

/** Those with a timer. */
const watched = new WeakSet<OpenAITranscript>()

export interface ObserveOptions {
  /**
   * The conversation's external id, or a function that returns it for a request. Default: every call is a conversation
   * of its own.
   */
  conversation?: string | ((request: OpenAIRequest) => string | null | undefined)
  /** The agent that answers. A name is its external id. */
  agent?: AgentReference | string
}

/** Logs calls to the conversations that they belong to. */
export class OpenAIConversations {
  readonly #parley: Parley
  readonly #options: ObserveOptions

  constructor(parley: Parley, options: ObserveOptions) {
    this.#parley = parley
    this.#options = options
  }

  /** Logs what is new in a request. The call that it returns logs the answer. */
  call(request: OpenAIRequest): OpenAICall {
    const { conversation } = this.#options
    const name = typeof conversation === 'function' ? conversation(request) : conversation
    const id = name || crypto.randomUUID()
    const transcript = name ? transcriptOf(this.#parley, name) : new OpenAITranscript()
    this.#append(id, transcript.addRequest(request))
    return new OpenAICall((outcome) => {
      const mayGoOn = Boolean(name) && !isNamedTool(request)
      const entries = transcript.addAnswer(request, outcome, mayGoOn)
      this.#append(id, entries, name ? {} : { status: STATUSES[outcome.ending] })
      watchWaiting(this.#parley, id, transcript)
    })
  }

  #append(conversation: string, entries: readonly LoggedMessage[], options: { status?: string } = {}) {
    const { agent } = this.#options
    const named = agent == null ? entries : entries.map((entry) => withAgent(entry, agent))
    if (named.length > 0) this.#parley.append(conversation, named, options)
    else if (options.status) this.#parley.complete(conversation, options)
  }
}

/** Logs the tool calls whose results do not come in time. A transcript has one timer, however many wait. */
function watchWaiting(parley: Parley, conversation: string, transcript: OpenAITranscript) {
  const { waitingSince } = transcript
  if (waitingSince === null || watched.has(transcript)) return
  watched.add(transcript)
  const check = () => {
    watched.delete(transcript)
    appendWaiting(parley, conversation, transcript, RESULT_TIMEOUT_MS)
    watchWaiting(parley, conversation, transcript)
  }
  unref(setTimeout(check, waitingSince + RESULT_TIMEOUT_MS + 1_000 - performance.now()))
}

/** Logs the tool calls whose results did not come. */
function appendWaiting(parley: Parley, conversation: string, transcript: OpenAITranscript, ms: number) {
  const entries = transcript.addWaiting(ms)
  if (entries.length > 0) parley.append(conversation, entries)
}

/** The entry, if the model wrote it, as this agent's. */
function withAgent(entry: LoggedMessage, agent: AgentReference | string): LoggedMessage {
  if ('tool' in entry && entry.tool) return { tool: { ...entry.tool, agent } }
  return 'role' in entry && roleOf(entry.role) === 'ASSISTANT' ? { ...entry, agent } : entry
}

function transcriptsOf(parley: Parley): Map<string, OpenAITranscript> {
  const known = remembered.get(parley)
  if (known) return known
  const transcripts = new Map<string, OpenAITranscript>()
  remembered.set(parley, transcripts)
  parley.beforeEnd(() => {
    for (const [name, transcript] of transcripts) appendWaiting(parley, name, transcript, 0)
  })
  return transcripts
}

function transcriptOf(parley: Parley, name: string): OpenAITranscript {
  const transcripts = transcriptsOf(parley)
  const transcript = transcripts.get(name) ?? new OpenAITranscript()
  // The one that was used last comes last.
  transcripts.delete(name)
  transcripts.set(name, transcript)
  for (const oldest of transcripts.keys()) {
    if (transcripts.size <= REMEMBERED) break
    transcripts.delete(oldest)
  }
  return transcript
}

/** A call that the request asks for is the answer itself: nobody needs to send a result. */
const isNamedTool = ({ tool_choice }: OpenAIRequest) => typeof tool_choice === 'object' && tool_choice !== null
