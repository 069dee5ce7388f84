import { once } from 'node:events'
import { chownSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Child } from './child.ts'
import { cleanUpLater } from './clean-up.ts'
import { type Cluster, SERVING_ROLE } from './cluster.ts'
import type { Installed } from './installed.ts'
import { until } from './until.ts'
import { freePort, newDirectory } from './workspace.ts'

/** PgBouncer in transaction mode, in front of a cluster. */
export class Bouncer {
  readonly port: number
  readonly #installed: Installed
  readonly #directory: string
  #child: Child | null = null

  private constructor(installed: Installed, cluster: Cluster, port: number) {
    this.#installed = installed
    this.port = port
    this.#directory = newDirectory({ owner: installed.user })
    cleanUpLater(() => this.kill())
    this.#write('users', `"${SERVING_ROLE}" "secret"\n`)
    this.#write('pgbouncer.ini', this.#configuration(cluster))
  }

  static async start(installed: Installed, cluster: Cluster): Promise<Bouncer> {
    const bouncer = new Bouncer(installed, cluster, await freePort())
    await bouncer.restart()
    return bouncer
  }

  /** Fewer connections than its clients have, so that they do share them. */
  #configuration(cluster: Cluster): string {
    return `[databases]
* = host=127.0.0.1 port=${cluster.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${this.port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(this.#directory, 'users')}
pool_mode = transaction
default_pool_size = 6
max_client_conn = 200
`
  }

  #write(name: string, text: string) {
    const file = join(this.#directory, name)
    writeFileSync(file, text)
    if (this.#installed.user) chownSync(file, this.#installed.user.uid, this.#installed.user.gid)
  }

  async restart(): Promise<void> {
    if (this.#installed.pgbouncer === null) throw new Error('PgBouncer is not installed')
    const log = join(newDirectory(), 'pgbouncer.log')
    const child = new Child(this.#installed.pgbouncer, [join(this.#directory, 'pgbouncer.ini')], {
      ...{ log, user: this.#installed.user },
    })
    this.#child = child
    await until('PgBouncer listens', async () => {
      if (!child.running) throw new Error(`PgBouncer ended:\n${child.lastLines()}`)
      return this.#listens()
    })
  }

  async #listens(): Promise<boolean> {
    const socket = connect(this.port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return true
    } catch {
      return false
    } finally {
      socket.destroy()
    }
  }

  async kill(): Promise<void> {
    await this.#child?.kill()
  }
}
