import { Connection, refuseFailure } from './connection.ts'
import { cpuOf } from './process-use.ts'
import type { Question } from './systems/system.ts'
import { STAMP } from './systems/written.ts'

/** What is sent while measuring: HTTP requests as bytes. Called for each, so that none needs to be sent twice. */
export type Requests = () => Buffer

export interface Load {
  origin: string
  /** The process that answers. */
  pid: number
  requests: Requests
  connections: number
  milliseconds: number
}

/** What one round measured. */
export interface Measured {
  perSecond: number
  /** Of each request, milliseconds, in order. */
  latencies: Float64Array
  /** What a request took of the answering process, milliseconds of a core. */
  cpuMs: number
}

/** A question as bytes: written once, sent often. */
export function toBytes(origin: string, { path, headers, body }: Question): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const length = Buffer.byteLength(body)
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: ${new URL(origin).host}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n${lines.join('')}\r\n${body}`,
  )
}

/** One after the other, over and over. */
export function inTurn(all: readonly Buffer[]): Requests {
  let next = 0
  return () => {
    const request = all[next++ % all.length]
    if (!request) throw new Error('there is nothing to send')
    return request
  }
}

/** The last one of all that were sent, in as many digits as STAMP has, which itself may be sent as it is. */
let stamps = 0
export const nextStamp = () => String(++stamps).padStart(STAMP.length, '0')

/**
 * Each request has digits of its own wherever STAMP follows `bench-` or `bench_`. `sent` tells how many were handed
 * out: after a load, all of them were answered, and so stored.
 */
export function stamped(templates: readonly Buffer[]): { requests: Requests; sent: () => number } {
  const places = templates.map((template) =>
    ['-', '_'].flatMap((mark) => placesOf(template, `bench${mark}${STAMP}`)).map((place) => place + 6),
  )
  let sent = 0
  const requests = () => {
    const turn = sent++ % templates.length
    const own = places[turn] ?? []
    const template = templates[turn] ?? Buffer.alloc(0)
    // Large requests are copied only if they have to be.
    const request = own.length > 0 ? Buffer.from(template) : template
    for (const place of own) request.write(nextStamp(), place, 'latin1')
    return request
  }
  return { requests, sent: () => sent }
}

function placesOf(bytes: Buffer, text: string): number[] {
  const places = []
  for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + 1)) places.push(at)
  return places
}

/**
 * Sends on each connection one request after the other until the time is over, and waits for those under way.
 * The rate is the sum of the connections' own, so that waiting for the last answers does not count as idle time.
 */
export async function load({ origin, pid, requests, connections, milliseconds }: Load): Promise<Measured> {
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(origin)))
  const times: number[] = []
  const cpuBefore = cpuOf(pid)
  const until = performance.now() + milliseconds
  const rates = await Promise.all(
    open.map(async (connection) => {
      const begin = performance.now()
      let sent = begin
      let count = 0
      while (sent < until) {
        refuseFailure(await connection.send(requests()))
        const now = performance.now()
        times.push(now - sent)
        count += 1
        sent = now
      }
      return (count * 1_000) / (sent - begin)
    }),
  )
  const cpuMs = (cpuOf(pid) - cpuBefore) / times.length
  for (const connection of open) connection.close()
  return { perSecond: rates.reduce((sum, rate) => sum + rate, 0), latencies: Float64Array.from(times).sort(), cpuMs }
}

/** Sends all of these, outside of any measuring. */
export async function send(origin: string, requests: readonly Buffer[]): Promise<void> {
  const left = requests.values()
  const work = async () => {
    const connection = await Connection.open(origin)
    for (const request of left) refuseFailure(await connection.send(request))
    connection.close()
  }
  await Promise.all(Array.from({ length: 8 }, work))
}

/** Each in turn, in every round beginning with another one: what a round suffers of the machine, all suffer. */
export async function interleave<Key, Result>(
  keys: readonly Key[],
  rounds: number,
  run: (key: Key) => Promise<Result>,
): Promise<Map<Key, Result[]>> {
  const results = new Map<Key, Result[]>(keys.map((key) => [key, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (let i = 0; i < keys.length; i += 1) {
      const key = keys[(round + i) % keys.length] as Key
      results.get(key)?.push(await run(key))
    }
  }
  return results
}

export interface Spread {
  median: number
  min: number
  max: number
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  return { median: quantile(sorted, 0.5), min: sorted.at(0) ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN }
}

/** Of values in order. */
export function quantile(sorted: readonly number[] | Float64Array, share: number): number {
  const place = (sorted.length - 1) * share
  const [below, above] = [sorted[Math.floor(place)] ?? Number.NaN, sorted[Math.ceil(place)] ?? Number.NaN]
  return below + (above - below) * (place % 1)
}
