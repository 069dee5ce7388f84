import { afterEach, expect, test, vi } from 'vitest'
import { fetchJwks, JWKS_LIMITS, jwksUrlProblem } from '../../../src/auth/fetch-jwks.ts'
import { makeKey, serveJwks } from './issuer.ts'

/** What names resolve to in these tests, and how often each was looked up. */
const names = vi.hoisted(() => ({ addresses: {} as Record<string, string[]>, lookups: 0 }))

vi.mock('node:dns', () => ({
  lookup(hostname: string, _options: object, callback: (error: Error | null, addresses: object[]) => void) {
    names.lookups += 1
    const addresses = names.addresses[hostname] ?? []
    const answer = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    process.nextTick(() => callback(null, answer))
  },
}))

afterEach(() => {
  Object.assign(names, { addresses: {}, lookups: 0 })
})

const { publicJwk } = await makeKey('a')

const read = (url: string, options: Partial<Parameters<typeof fetchJwks>[1]> = {}) =>
  fetchJwks(url, { allowLoopback: true, ...JWKS_LIMITS, ...options })

test('keys are read from this machine in development', async () => {
  const jwks = await serveJwks([publicJwk])
  expect(await read(jwks.url)).toEqual({ keys: [publicJwk] })
})

test('in production nothing is asked of this machine', async () => {
  const jwks = await serveJwks([publicJwk])
  await expect(read(jwks.url, { allowLoopback: false })).rejects.toThrow('must not point to this machine itself')
  expect(jwks.requests).toBe(0)
})

const BEHIND_NAMES = [
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '::1',
  '::ffff:127.0.0.1',
  '::127.0.0.1',
  'fe80::1',
  'fd00::1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
]

test.each(BEHIND_NAMES)('a name that resolves to %s is not connected to', async (address) => {
  for (const addresses of [[address], ['203.0.112.1', address]]) {
    names.addresses['keys.example'] = addresses
    const reading = read('https://keys.example/jwks.json', { allowLoopback: false })
    await expect(reading).rejects.toThrow('keys.example resolves to an address that keys are not fetched from')
  }
})

test('a name that resolves to nothing is not connected to', async () => {
  await expect(read('https://keys.example/jwks.json')).rejects.toThrow('keys.example has no address')
})

test('the address that was checked is the one connected to: a name is looked up once', async () => {
  const jwks = await serveJwks([publicJwk])
  names.addresses['keys.localhost'] = ['127.0.0.1']
  expect(await read(jwks.url.replace('127.0.0.1', 'keys.localhost'))).toEqual({ keys: [publicJwk] })
  expect(names.lookups).toBe(1)
})

test('http is for this machine alone, also when a name turns out to be elsewhere', async () => {
  names.addresses['keys.localhost'] = ['203.0.112.1']
  await expect(read('http://keys.localhost/jwks.json')).rejects.toThrow('an address that keys are not fetched from')
})

test('a redirect is not followed', async () => {
  const target = await serveJwks([publicJwk])
  const jwks = await serveJwks([])
  for (const status of [301, 302, 303, 307, 308]) {
    jwks.respond = (_request, response) => response.writeHead(status, { location: target.url }).end()
    await expect(read(jwks.url)).rejects.toThrow(`the JWKS URL returned status ${status}`)
  }
  expect(target.requests).toBe(0)
})

test('what is too long is not read to its end', async () => {
  const jwks = await serveJwks([])
  const closed = Promise.withResolvers<void>()
  jwks.respond = (_request, response) => {
    response.on('close', closed.resolve)
    const write = () => {
      while (!response.destroyed && response.write(' '.repeat(10_000)));
    }
    response.on('drain', write)
    write()
  }
  await expect(read(jwks.url)).rejects.toThrow('the JWKS is larger than 262144 bytes')
  await closed.promise
})

test.each([
  ['never begins', false],
  ['begins and never ends', true],
])('an answer that %s is broken off', async (_what, begins) => {
  const jwks = await serveJwks([])
  const closed = Promise.withResolvers<void>()
  jwks.respond = (request, response) => {
    request.socket.on('close', () => closed.resolve())
    if (begins) response.write('{')
  }
  await expect(read(jwks.url, { timeoutMs: 100 })).rejects.toThrow(/abort/)
  await closed.promise
})

test('a key set that was packed, or is none, is refused', async () => {
  const jwks = await serveJwks([])
  jwks.respond = (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('\u001f\u008b')
  await expect(read(jwks.url)).rejects.toThrow(SyntaxError)
})

const IN_DEVELOPMENT = [
  'http://localhost:8080/jwks',
  'http://127.0.0.1/',
  'http://[::1]/',
  'http://a.localhost',
  'https://localhost',
]
const EVERYWHERE = [
  'https://keys.example/jwks.json?v=1',
  'https://keys.example:8443',
  'https://203.0.112.1/',
  'https://[2606:4700::1]/',
]

test('https URLs of public hosts are taken everywhere, and those of this machine in development', () => {
  for (const url of EVERYWHERE)
    expect([url, jwksUrlProblem(url, false), jwksUrlProblem(url, true)]).toEqual([url, null, null])
  for (const url of IN_DEVELOPMENT) {
    expect([url, jwksUrlProblem(url, true)]).toEqual([url, null])
    expect([url, jwksUrlProblem(url, false)]).toEqual([url, 'must not point to this machine itself.'])
  }
})

test.each([
  ['keys.example/jwks.json', 'is not a URL.'],
  ['', 'is not a URL.'],
  ['http://keys.example/jwks.json', 'must begin with https://.'],
  ['file:///etc/passwd', 'must begin with https://.'],
  ['data:application/json,{"keys":[]}', 'must begin with https://.'],
  ['ftp://localhost/jwks.json', 'must begin with https://.'],
  ['https://user:secret@keys.example/', 'must not contain a user name or password.'],
  ['https://10.0.0.1/', 'must not point to a private network.'],
  ['https://169.254.169.254/latest/', 'must not point to a private network.'],
  ['https://[fd00::1]/', 'must not point to a private network.'],
  ['https://[::ffff:10.0.0.1]/', 'must not point to a private network.'],
  ['https://167772161/', 'must not point to a private network.'],
  ['https://0xa.1/', 'must not point to a private network.'],
  ['https://0.0.0.0/', 'must not point to a private network.'],
])('the URL "%s" is not taken', (url, problem) => {
  expect(jwksUrlProblem(url, true)).toBe(problem)
})
