import type { Server } from 'node:net'
import type { Config } from '../config.ts'

/** What serves an address: this process, or several. */
export interface Service {
  url: string
  /** From now on /ready answers 503, so that load balancers send nothing more. Requests are still served. */
  drain(): void
  /** Lets requests in flight finish and refuses new ones; resolves once nothing is served any more. */
  stop(): Promise<void>
}

/** Listens on the address in the settings. */
export function listen(server: Server, { host, port }: Pick<Config, 'host' | 'port'>): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`HOST, PORT: can't listen there: ${error.message}`)))
    server.listen(port, host, resolve)
  })
}

/** The endpoint at a listening address, as people type it. */
export function urlOf(host: string, port: number): string {
  const isLocal = ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host)
  const typed = host.includes(':') ? `[${host}]` : host
  return `http://${isLocal ? 'localhost' : typed}:${port}/graphql`
}

/** The console beside an endpoint. */
export const consoleUrlOf = (endpoint: string): string => new URL('console', endpoint).href
