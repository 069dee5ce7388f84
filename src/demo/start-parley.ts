import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface RunningParley {
  /** The address that the new server listens at, and the key that it shows only once. */
  firstStart: Promise<{ url: string; adminKey: string }>
  /** Ends the server, and deletes its database. */
  stop(): Promise<void>
}

/** Runs Parley as anybody would, on an embedded database that is deleted at the end: only the origin of the page has to be set. */
export function startParley(pageOrigin: string, execArgv: readonly string[] = process.execArgv): RunningParley {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-demo-'))
  const server = spawn(process.execPath, [...execArgv, 'src/main.ts'], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      DATA_DIR: dataDir,
      EMBEDDED_FSYNC: 'false',
      CORS_ORIGINS: pageOrigin,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGTERM')
      await once(server, 'exit')
    }
    rmSync(dataDir, { recursive: true, force: true })
  }
  return { firstStart: readFirstStart(server.stdout), stop }
}

async function readFirstStart(stdout: NodeJS.ReadableStream): Promise<{ url: string; adminKey: string }> {
  const told: { url?: string; adminKey?: string } = {}
  for await (const line of createInterface(stdout)) {
    const { url, adminKey } = JSON.parse(line) as typeof told
    Object.assign(told, url && { url }, adminKey && { adminKey })
    if (told.url && told.adminKey) {
      // Nobody reads what it logs from here on, but an unread log must not stop it.
      stdout.resume()
      return { url: told.url, adminKey: told.adminKey }
    }
  }
  throw new Error('Parley exited before it served.')
}
