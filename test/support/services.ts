import { afterAll } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { createLog } from '../../src/log.ts'
import type { Service } from '../../src/process/listen.ts'
import { type ServeOptions, serve } from '../../src/serve.ts'
import { askBy, type Settings } from './process.ts'
import { openWithFirstKeys, SIGNING_KEY_SECRET } from './server.ts'

/** A server that listens. */
export interface Listening {
  url(): Promise<string>
  fetch(path: string, init?: RequestInit): Promise<Response>
}

/** One of this process: for what needs a socket, and no process of its own, which takes seconds to start. */
export interface ListeningHere extends Listening {
  /** As the administrator. */
  ask(...args: AskArguments): ReturnType<typeof askBy>
  /** The log, one parsed line each. */
  logged: Record<string, unknown>[]
  /** What a process does when it is told to end. */
  stop(): Promise<void>
}

type AskArguments = Parameters<typeof askBy> extends [unknown, unknown, ...infer Rest] ? Rest : never

/** Servers on one fresh database. Call it at the top of a test file; what still serves stops by itself. */
export async function useServices() {
  const { opened, adminKey } = await openWithFirstKeys()
  const { database } = opened
  const serving = new Set<Service>()
  afterAll(async () => {
    for (const service of serving) await service.stop()
    await database.close()
  })
  const start = async (settings: Settings = {}, options: ServeOptions = {}): Promise<ListeningHere> => {
    const config = parseConfig({ PORT: '0', SIGNING_KEY_SECRET, ...settings })
    const logged: Record<string, unknown>[] = []
    const log = createLog('info', { write: (line) => void logged.push(JSON.parse(line)) })
    const service = await serve(database, config, log, options)
    serving.add(service)
    const fetchHere: Listening['fetch'] = (path, init) => fetch(new URL(path, service.url), init)
    return {
      logged,
      url: async () => service.url,
      fetch: fetchHere,
      ask: (...args) => askBy(fetchHere, adminKey, ...args),
      async stop() {
        serving.delete(service)
        await service.stop()
      },
    }
  }
  return { adminKey, start, owner: opened.owner }
}
