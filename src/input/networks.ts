import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { badInput, type InputPath } from '../errors.ts'
import { checkCount } from './check-input.ts'
import { LIMITS } from './limits.ts'

type Network = [address: ipaddr.IPv4 | ipaddr.IPv6, prefixLength: number]

/** Networks in CIDR notation, each in its shortest form and once. Throws if one can't be parsed. */
export function checkNetworks(networks: readonly string[], path: InputPath): string[] {
  checkCount(networks, LIMITS.allowedNetworks, path)
  return [...new Set(networks.map((network, index) => checkNetwork(network, [...path, index])))]
}

function checkNetwork(text: string, path: InputPath): string {
  const [address = '', prefix, ...rest] = text.split('/')
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Infinity
  if (bits === 0 || address.includes('%') || rest.length > 0 || length > bits) {
    throw badInput(path, 'is not a network in CIDR notation, such as 203.0.113.0/24 or 2001:db8::/32.')
  }
  const parsed = ipaddr.parse(address)
  if (parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress()) {
    throw badInput(path, 'is an IPv4 network in the notation of IPv6: write it as IPv4.')
  }
  const family = parsed instanceof ipaddr.IPv4 ? ipaddr.IPv4 : ipaddr.IPv6
  const first = family.networkAddressFromCIDR(`${address}/${length}`).toString()
  if (first !== parsed.toString()) {
    throw badInput(path, `has bits beyond its prefix: the network is ${first}/${length}.`)
  }
  return `${first}/${length}`
}

/** Whether an address, or every address of a network, lies in one of these networks, which `checkNetworks` has checked. */
export function liesWithin(networks: readonly string[], addressOrNetwork: string): boolean {
  const [address, length] = parse(addressOrNetwork)
  return networks.map(parse).some(([network, prefixLength]) => {
    return network.kind() === address.kind() && prefixLength <= length && address.match(network, prefixLength)
  })
}

/** An address is a network of one. IPv4-mapped IPv6 is IPv4. */
function parse(text: string): Network {
  if (text.includes('/')) return ipaddr.parseCIDR(text)
  const address = ipaddr.process(text)
  return [address, address.toByteArray().length * 8]
}
