import { connect, type Socket } from 'node:net'
import { Connection } from '../connection.ts'
import { stamped } from '../measure.ts'
import { type Answers, count, outcomeOf } from './answers.ts'

/**
 * The attacker, in a process of its own (attacker-process.ts) that yields to all others: on a machine with two cores,
 * the attack should cost the server what it answers and refuses, not what it takes to send. So bodies are made
 * beforehand, answers are not parsed, connections are few, and each lane has a maximum rate.
 */

/** Connections that all do the same. */
export interface Lane {
  /**
   * `ASK`: request, answer, next request. `HOLD`: reads the head of each answer, then nothing, until it is closed.
   * `STREAM`: reads for as long as it is open. `TRICKLE`: sends all but the last bytes of a request, then one of these
   * a second.
   */
  does: 'ASK' | 'HOLD' | 'STREAM' | 'TRICKLE'
  /** Sent in turn, with digits of its own wherever STAMP stands. */
  requests: Buffer[]
  connections: number
  /** The maximum number of requests a second, of all connections together. */
  perSecond: number
  /** Addresses that the connections come from, in turn. */
  from?: string[]
}

export interface AttackOrder {
  origin: string
  lanes: Lane[]
  milliseconds: number
}

const HELD_LOOK_MS = 1_000
const TRICKLED_BYTES = 40

export async function attack({ origin, lanes, milliseconds }: AttackOrder): Promise<Answers> {
  const answers: Answers = {}
  const over = AbortSignal.timeout(milliseconds)
  const ended = new Promise<null>((resolve) => over.addEventListener('abort', () => resolve(null)))
  await Promise.all(lanes.map((lane) => runLane(lane, { origin, answers, over, ended })))
  return answers
}

interface Round {
  origin: string
  answers: Answers
  over: AbortSignal
  /** Once it is. */
  ended: Promise<null>
}

async function runLane(lane: Lane, round: Round) {
  const { requests } = stamped(lane.requests)
  const turn = paced(lane.perSecond)
  const work = lane.does === 'ASK' ? askAgain : occupy
  const connections = Array.from({ length: lane.connections }, (_, i) => {
    const from = lane.from?.[i % lane.from.length]
    return work(lane, { ...round, requests, turn, ...(from ? { from } : {}) })
  })
  await Promise.all(connections)
}

interface Work extends Round {
  requests: () => Buffer
  turn: () => number
  from?: string
}

/** How long the next request has to wait. Missed requests are not made up for. */
function paced(perSecond: number): () => number {
  let next = performance.now()
  return () => {
    const now = performance.now()
    const at = Math.max(next, now - 100)
    next = at + 1_000 / perSecond
    return Math.max(0, at - now)
  }
}

async function askAgain(_lane: Lane, work: Work) {
  const { origin, answers, over, ended, requests, from } = work
  let connection: Connection | null = null
  for (await pause(work); !over.aborted; await pause(work)) {
    try {
      connection ??= await Connection.open(origin, from)
      const answer = await Promise.race([connection.send(requests()), ended])
      count(answers, answer ? outcomeOf(answer) : 'unanswered at the end')
      if (answer && !isLast(answer)) continue
    } catch (error) {
      count(answers, nameOf(error))
    }
    connection?.close()
    connection = null
  }
  connection?.close()
}

const isLast = (answer: Buffer) =>
  /\r\nconnection: close/i.test(answer.toString('latin1', 0, answer.indexOf('\r\n\r\n')))

/** One connection after the other, each for as long as the server allows it. */
async function occupy({ does }: Lane, work: Work) {
  const { over, ended, requests, origin, from, answers } = work
  for (await pause(work); !over.aborted; await pause(work)) {
    const { hostname, port } = new URL(origin)
    const socket = connect({ port: Number(port), host: hostname, ...(from ? { localAddress: from } : {}) })
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    const error = new Promise<string | null>((resolve) => {
      socket.once('error', (failure) => resolve(nameOf(failure)))
      void closed.then(() => resolve(null))
    })
    const reading = read(socket, does, answers)
    const sending = send(socket, does, requests())
    await Promise.race([closed, ended])
    clearInterval(sending)
    if (over.aborted) count(answers, reading.answered ? 'held to the end' : 'unanswered at the end')
    else if (!reading.isWhole) count(answers, `closed by the server (${(await error) ?? 'end'})`)
    socket.destroy()
  }
}

/**
 * Something has to be sent now and then: a client that doesn't read would not notice that the connection was closed.
 */
function send(socket: Socket, does: Lane['does'], request: Buffer): NodeJS.Timeout {
  const early = does === 'TRICKLE' ? request.length - TRICKLED_BYTES : request.length
  socket.write(request.subarray(0, early))
  let sent = early
  return setInterval(() => {
    if (does === 'TRICKLE' && sent < request.length) socket.write(request.subarray(sent, ++sent))
    else if (does === 'HOLD') socket.write('\r\n')
  }, HELD_LOOK_MS)
}

function read(socket: Socket, does: Lane['does'], answers: Answers) {
  const state = { answered: false, isWhole: false }
  socket.on('data', (chunk: Buffer) => {
    const outcome = outcomeOf(chunk)
    if (!state.answered) {
      const isStream = does === 'STREAM' || chunk.includes('text/event-stream')
      count(answers, isStream && outcome === '200' ? '200, a stream' : outcome)
    }
    state.answered = true
    if (does === 'STREAM')
      for (let at = chunk.indexOf(EVENT); at !== -1; at = chunk.indexOf(EVENT, at + 1)) count(answers, 'events')
    if (outcome !== '200' && chunk.includes('HTTP/1.1 ')) {
      // Refused: nothing more follows.
      state.isWhole = true
      socket.destroy()
    } else if (does === 'HOLD') socket.pause()
  })
  return state
}

const EVENT = Buffer.from('event: next')

const nameOf = (error: unknown) => {
  const { code, message } = error as { code?: string; message: string }
  return code ?? message
}

/** Waits until it is this one's turn, or all is over. */
function pause({ turn, ended }: Work): Promise<unknown> {
  const milliseconds = turn()
  if (milliseconds === 0) return Promise.resolve()
  return Promise.race([new Promise((resolve) => setTimeout(resolve, milliseconds)), ended])
}
