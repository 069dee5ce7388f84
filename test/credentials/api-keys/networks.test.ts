import { expect, test } from 'vitest'
import { ParleyError } from '../../../src/errors.ts'
import { checkNetworks, liesWithin } from '../../../src/input/networks.ts'

/** Networks in CIDR notation: which are accepted, and which addresses lie in them. */

function refusal(network: string): string {
  try {
    return `accepted as ${checkNetworks([network], ['input', 'allowedNetworks'])}`
  } catch (error) {
    return error instanceof ParleyError ? error.message : String(error)
  }
}

test.each([
  ['203.0.113.0/24', '203.0.113.0/24'],
  ['203.0.113.7', '203.0.113.7/32'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['2001:DB8:0::/32', '2001:db8::/32'],
  ['2001:db8::1', '2001:db8::1/128'],
  ['::/0', '::/0'],
])('%s is %s', (network, kept) => {
  expect(checkNetworks([network, kept], ['input'])).toEqual([kept])
})

test.each([
  ...['', ' ', 'localhost', '10.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8.0', '10.0.0.0/8/8'],
  ...['010.0.0.0/8', '0x0a.0.0.0/8', '167772160', '10.0.0.0 /8', ' 10.0.0.0/8', '10.0.0.0/255.0.0.0', '10.0.0.*'],
  ...['2001:db8::/129', '2001:db8::/', ':::/0', 'fe80::1%eth0', '[2001:db8::1]', '10.0.0.0/٨', '10.0.0.0/1e1'],
])('%j is not a network', (network) => {
  expect(refusal(network)).toBe(
    'input.allowedNetworks[0]: is not a network in CIDR notation, such as 203.0.113.0/24 or 2001:db8::/32.',
  )
})

test('bits beyond the prefix are refused with the network that was meant', () => {
  const message = (meant: string) => `input.allowedNetworks[0]: has bits beyond its prefix: the network is ${meant}.`
  expect(refusal('10.1.2.3/8')).toBe(message('10.0.0.0/8'))
  expect(refusal('2001:db8::1/32')).toBe(message('2001:db8::/32'))
})

test('IPv4 in the notation of IPv6 is refused', () => {
  for (const network of ['::ffff:10.0.0.0/104', '::ffff:a00:1', '::ffff:0:0/96']) {
    expect(refusal(network)).toBe(
      'input.allowedNetworks[0]: is an IPv4 network in the notation of IPv6: write it as IPv4.',
    )
  }
})

test('a key has up to 20', () => {
  const networks = Array.from({ length: 21 }, (_, i) => `10.0.0.${i}`)
  expect(checkNetworks(networks.slice(1), ['input'])).toHaveLength(20)
  expect(() => checkNetworks(networks, ['input'])).toThrow('input: has 21 entries; at most 20 are accepted.')
})

test.each([
  ['203.0.113.7', true],
  ['203.0.113.255', true],
  ['203.0.114.0', false],
  ['::ffff:203.0.113.7', true],
  ['::ffff:cb00:7107', true],
  ['::ffff:203.0.114.7', false],
  ['2001:db8::1', true],
  ['2001:db9::1', false],
  ['::1', false],
  ['203.0.113.0/24', true],
  ['203.0.113.128/25', true],
  ['203.0.112.0/23', false],
  ['0.0.0.0/0', false],
  ['2001:db8:1::/48', true],
  ['2001:d00::/24', false],
  ['::/0', false],
])('%s lies within 203.0.113.0/24 or 2001:db8::/32: %s', (address, isWithin) => {
  expect(liesWithin(['203.0.113.0/24', '2001:db8::/32'], address)).toBe(isWithin)
})

test('every IPv4 address is none of IPv6, and the other way round', () => {
  expect(liesWithin(['::/0'], '10.0.0.1')).toBe(false)
  expect(liesWithin(['0.0.0.0/0'], '2001:db8::1')).toBe(false)
  expect(liesWithin(['0.0.0.0/0'], '10.0.0.1')).toBe(true)
})
