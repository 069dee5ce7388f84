import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { RefusedCallers } from '../../src/http/unauthenticated-rate-limit.ts'

const from = (remoteAddress: string) => ({ socket: { remoteAddress } }) as IncomingMessage

const LIMIT = 3
const START_MS = Date.parse('2030-01-01T00:00:00Z')

function start({ perMinute = LIMIT, trustedProxies = 0 } = {}) {
  const clock = { now: new Date(START_MS) }
  const callers = new RefusedCallers({ rateLimits: { perMinute, tenantPerMinute: 0 }, trustedProxies }, () => clock.now)
  const taken = (times: number, address: string, headers: Record<string, string> = {}) =>
    Array.from({ length: times }, () => {
      try {
        callers.check(new Headers(headers), from(address))
        return true
      } catch {
        return false
      }
    }).filter(Boolean).length
  return { clock, callers, taken }
}

test('without a credential an address has so many requests a minute, and takes none from another', () => {
  const { clock, taken } = start()
  expect(taken(10, '203.0.113.7')).toBe(LIMIT)
  expect(taken(10, '::ffff:203.0.113.7')).toBe(0)
  expect(taken(10, '203.0.113.8')).toBe(LIMIT)
  clock.now = new Date(START_MS + 60_000)
  expect(taken(10, '203.0.113.7')).toBe(LIMIT)
})

test('a credential that nobody refused is let through from any address', () => {
  const { taken } = start()
  expect(taken(10, '203.0.113.7')).toBe(LIMIT)
  expect(taken(10, '203.0.113.7', { authorization: 'Bearer good' })).toBe(10)
})

test('all addresses of an IPv6 network count as one', () => {
  const { taken } = start()
  expect([1, 2, 3, 4, 5].map((host) => taken(1, `2001:db8:0:1::${host}`))).toEqual([1, 1, 1, 0, 0])
  expect(taken(1, '2001:db8:0:2::1')).toBe(1)
})

test('behind a trusted proxy the address is what it saw; from others it is not believed', () => {
  const forwarded = (address: string) => ({ 'x-forwarded-for': address })
  const trusting = start({ trustedProxies: 1 })
  expect(trusting.taken(10, '10.0.0.2', forwarded('203.0.113.7'))).toBe(LIMIT)
  expect(trusting.taken(10, '10.0.0.2', forwarded('203.0.113.8'))).toBe(LIMIT)
  const { taken } = start()
  expect(taken(10, '10.0.0.2', forwarded('203.0.113.7'))).toBe(LIMIT)
  expect(taken(10, '10.0.0.2', forwarded('203.0.113.8'))).toBe(0)
})

test('who makes up credentials does not fill the memory: beyond 10,000 no more are counted', () => {
  const { callers, taken } = start()
  const headers = (i: number) => ({ authorization: `Bearer ${i}` })
  for (let i = 0; i < 10_001; i++) for (let n = 0; n < LIMIT; n++) callers.note(new Headers(headers(i)))
  expect(taken(1, '203.0.113.7', headers(9_999))).toBe(0)
  expect(taken(1, '203.0.113.7', headers(10_000))).toBe(1)
})

test('a good credential that is refused for its address or tenant counts with the address', () => {
  const { clock, callers, taken } = start()
  const headers = { authorization: 'Bearer good' }
  const refused = (times: number, address: string | null, authorization = 'Bearer good') =>
    Array.from({ length: times }, () => {
      try {
        callers.take(new Headers({ authorization }), address)
        return 'refused'
      } catch (error) {
        return (error as Error).message
      }
    })
  const beyond =
    'More than 3 requests in a minute for this credential from this address, which were refused. Try again in 60 s.'
  expect(refused(5, '203.0.113.7')).toEqual(['refused', 'refused', 'refused', beyond, beyond])
  expect(refused(1, '203.0.113.7', 'bearer  good')).toEqual([beyond])
  expect(refused(1, '203.0.113.8')).toEqual(['refused'])
  expect(refused(1, '203.0.113.7', 'Bearer other')).toEqual(['refused'])
  expect(refused(4, null).at(-1)).toBe(beyond)
  // Nothing else is affected, and above all no request of its owner.
  expect(taken(10, '203.0.113.7', headers)).toBe(10)
  expect(taken(10, '203.0.113.7')).toBe(LIMIT)
  clock.now = new Date(START_MS + 60_000)
  expect(refused(1, '203.0.113.7')).toEqual(['refused'])
})

test('0 switches it off', () => {
  const { callers, taken } = start({ perMinute: 0 })
  expect(taken(10, '203.0.113.7')).toBe(10)
  for (let i = 0; i < 10; i++) callers.take(new Headers({ authorization: 'Bearer good' }), '203.0.113.7')
})
