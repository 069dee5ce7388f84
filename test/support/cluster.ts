import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where Debian and Homebrew have the programs that make and run a cluster, which are not in PATH. */
const PLACES = ['/usr/lib/postgresql/*/bin', '/opt/homebrew/opt/postgresql*/bin', '/usr/local/bin', '/usr/bin']

const binaries = PLACES.flatMap((place) => globSync(place)).find((place) => existsSync(join(place, 'initdb')))

/** Why no cluster can be made here; null if one can. */
export const noCluster = binaries === undefined ? 'initdb of PostgreSQL was not found' : null

export interface Cluster {
  port: number
  stop(): void
}

/** An empty PostgreSQL cluster, on a port of its own: its only role is the superuser `postgres`, without a password. */
export async function startCluster(): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), 'parley-cluster-'))
  const data = join(directory, 'data')
  chmodSync(directory, 0o755)
  const isRoot = process.getuid?.() === 0
  const run = (program: string, ...args: string[]) => {
    const path = join(binaries ?? '', program)
    const [command = '', ...rest] = isRoot ? ['runuser', '-u', 'postgres', '--', path, ...args] : [path, ...args]
    // Its server must not hold our output open.
    execFileSync(command, rest, { cwd: directory, stdio: 'ignore' })
  }
  if (isRoot) {
    const id = Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' }))
    chownSync(directory, id, id)
  }
  const port = await freePort()
  run('initdb', '-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--no-sync')
  const options = `-p ${port} -c listen_addresses=localhost -c unix_socket_directories='' -c fsync=off`
  run('pg_ctl', '-D', data, '-o', options, '-l', join(directory, 'log'), '-w', 'start')
  return {
    port,
    stop() {
      run('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop')
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
