import { execFileSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { dirname } from 'node:path'
import type { User } from './child.ts'
import { isRoot } from './workspace.ts'

/** What of Debian is needed, and what is missing: a reason why faults that need it are skipped. */
export interface Installed {
  /** Where `initdb` and `postgres` are. */
  postgresql: string | null
  pgbouncer: string | null
  /** Both refuse to run as root. */
  user: User | undefined
}

/** Installs what is missing, if this is root. */
export function install(): Installed {
  const postgresql = findOrInstall('postgresql', findPostgresql)
  return {
    postgresql,
    pgbouncer: findOrInstall('pgbouncer', () => ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find(existsSync) ?? null),
    user: isRoot && postgresql !== null ? userNamed('postgres') : undefined,
  }
}

function findPostgresql(): string | null {
  const [newest] = globSync('/usr/lib/postgresql/*/bin/initdb').sort((a, b) => versionOf(b) - versionOf(a))
  return newest === undefined ? null : dirname(newest)
}

const versionOf = (path: string) => Number(path.split('/')[4])

function findOrInstall(name: string, find: () => string | null): string | null {
  const found = find()
  if (found !== null) return found
  if (!isRoot) {
    console.log(`${name} is not installed, and only root can install it: what needs it is skipped`)
    return null
  }
  console.log(`${name} is not installed: installing it`)
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: 'ignore' } as const
  execFileSync('apt-get', ['update'], options)
  execFileSync('apt-get', ['install', '--yes', '--no-install-recommends', name], options)
  return find()
}

const idOf = (option: string, name: string) => Number(execFileSync('id', [option, name], { encoding: 'utf8' }))
const userNamed = (name: string): User => ({ uid: idOf('-u', name), gid: idOf('-g', name) })
