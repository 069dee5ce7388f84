import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { refuseIfOver } from './clean-up.ts'

export interface ChildOptions {
  env?: Record<string, string | undefined>
  /** A file that receives what it prints. */
  log: string
  /** Whom it runs as, if not as this process. */
  user?: User | undefined
}

export interface User {
  uid: number
  gid: number
}

/** A process that was started here. Whoever starts it ends it. */
export class Child {
  readonly pid: number
  readonly ended: Promise<number | NodeJS.Signals | null>
  readonly log: string
  #running = true

  constructor(command: string, args: readonly string[], { env, log, user }: ChildOptions) {
    refuseIfOver()
    const output = openSync(log, 'a')
    // In a group of its own, so that Ctrl-C reaches this process alone, which ends the others in order.
    const child: ChildProcess = spawn(command, args, {
      ...{ env: env ?? process.env, detached: true, stdio: ['ignore', output, output] },
      ...user,
    })
    closeSync(output)
    if (child.pid === undefined) throw new Error(`${command} can't be started`)
    this.pid = child.pid
    this.log = log
    this.ended = once(child, 'exit').then(([code, signal]) => {
      this.#running = false
      return code ?? signal
    })
  }

  get running(): boolean {
    return this.#running
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#running) process.kill(this.pid, signal)
  }

  /** With everything that it started, whose parents can then not start more. */
  async kill(): Promise<void> {
    if (!this.#running) return
    this.signal('SIGSTOP')
    const pids = [this.pid, ...descendantsOf(this.pid)]
    for (const pid of pids) signalIfThere(pid, 'SIGKILL')
    await this.ended
    await gone(pids)
  }

  /** The last lines that it printed. */
  lastLines(count = 15): string {
    return readFileSync(this.log, 'utf8').trim().split('\n').slice(-count).join('\n')
  }
}

/** Processes that one has started, and those that these have. */
export function descendantsOf(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const entry of readdirSync('/proc')) {
    if (/^\d+$/.test(entry)) parents.set(Number(entry), parentOf(Number(entry)))
  }
  const found = [pid]
  for (const parent of found) {
    for (const [child, its] of parents) if (its === parent) found.push(child)
  }
  return found.slice(1)
}

/** 0 for a process that is gone. */
function parentOf(pid: number): number {
  const stat = statOf(pid)
  // After the name, which is in parentheses and may hold any character: state and parent.
  return Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0)
}

function statOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return null
    throw error
  }
}

const isZombie = (pid: number) => / [ZX] /.test(statOf(pid)?.replace(/^.*\)/, '') ?? ' X ')

export function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Until none of them runs any more. */
export async function gone(pids: readonly number[]): Promise<void> {
  while (!pids.every(isZombie)) await setTimeout(10)
}
