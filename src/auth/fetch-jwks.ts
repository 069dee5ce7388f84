import { lookup as resolve } from 'node:dns'
import { get as getHttp, type IncomingMessage } from 'node:http'
import { get as getHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Limits for fetching a JWKS. One with a few keys has some kilobytes. */
export const JWKS_LIMITS = { timeoutMs: 5_000, maxBytes: 262_144 }

/** Why keys may not be fetched from this URL, or null. The addresses of its host are checked when it is fetched. */
export function jwksUrlProblem(href: string, allowLoopback: boolean): string | null {
  if (!URL.canParse(href)) return 'is not a URL.'
  const url = new URL(href)
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or password.'
  const host = hostOf(url)
  const loopback = isIP(host) === 0 ? /^(.+\.)?localhost$/.test(host) : isLoopback(host)
  if (loopback && !allowLoopback) return 'must not point to this machine itself.'
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) return 'must begin with https://.'
  if (isIP(host) !== 0 && !loopback && !isPublic(host)) return 'must not point to a private network.'
  return null
}

/**
 * Fetches a key set from a URL that an administrator gave. It could point into the server's own network, so only public
 * addresses are connected to and no redirect is followed. An answer that is too long or too slow is aborted.
 */
export async function fetchJwks(
  href: string,
  { allowLoopback, timeoutMs, maxBytes }: { allowLoopback: boolean; timeoutMs: number; maxBytes: number },
): Promise<unknown> {
  const problem = jwksUrlProblem(href, allowLoopback)
  if (problem) throw new Error(`the JWKS URL ${problem}`)
  const response = await request(new URL(href), allowLoopback, timeoutMs)
  if (response.statusCode !== 200) {
    response.destroy()
    throw new Error(`the JWKS URL returned status ${response.statusCode}`)
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new Error(`the JWKS is larger than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return JSON.parse(Buffer.concat(chunks).toString())
}

function request(url: URL, allowLoopback: boolean, timeoutMs: number): Promise<IncomingMessage> {
  const mayReach = (address: string) =>
    isLoopback(address) ? allowLoopback : url.protocol === 'https:' && isPublic(address)
  const options = {
    // A new connection: the address of a kept-alive one was checked for another name.
    agent: false,
    lookup: checkedLookup(mayReach),
    signal: AbortSignal.timeout(timeoutMs),
    headers: { accept: 'application/json, application/jwk-set+json', 'user-agent': 'parley' },
  }
  const get = url.protocol === 'https:' ? getHttps : getHttp
  return new Promise((answer, reject) => get(url, options, answer).on('error', reject))
}

/** Resolves a name and checks its addresses in one step, so that the checked address is the one connected to. */
const checkedLookup =
  (mayReach: (address: string) => boolean): LookupFunction =>
  (hostname, options, callback) =>
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error || !first) return callback(error ?? new Error(`${hostname} has no address`), [])
      if (!addresses.every(({ address }) => mayReach(address)))
        return callback(new Error(`${hostname} resolves to an address that keys are not fetched from`), [])
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family)
    })

/** The host without the brackets of an IPv6 address. `URL` normalises every other way to write an IPv4 address. */
const hostOf = (url: URL) => url.hostname.replace(/^\[|\]$/g, '')

const isLoopback = (address: string) => ipaddr.process(address).range() === 'loopback'

/** The allocated part of IPv6. Outside it are old formats that contain an IPv4 address. */
const GIVEN_OUT = ipaddr.IPv6.parseCIDR('2000::/3')

function isPublic(address: string): boolean {
  const parsed = ipaddr.process(address)
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(GIVEN_OUT))
}
