import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts in hundredths of a second. */
const MS_PER_TICK = 10

/** What a process used of the cores so far, milliseconds; NaN where there is no /proc. */
export function cpuOf(pid: number): number {
  // Behind the name, which may hold blanks: the 12th and 13th field are user and system time.
  const fields = read(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ')
  return fields ? (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK : Number.NaN
}

/** The same in nanoseconds of each process that has a thread, by id: of one process, or of all of PostgreSQL. */
export function cpuNanoseconds(which: number | 'postgres'): Map<number, number> {
  const pids =
    typeof which === 'number'
      ? [which]
      : readdirSync('/proc')
          .map(Number)
          .filter((pid) => pid > 0 && read(`/proc/${pid}/comm`)?.trim() === which)
  return new Map(pids.map((pid) => [pid, threadsOf(pid).reduce((sum, thread) => sum + scheduled(thread), 0)]))
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`)
  } catch {
    return []
  }
}

/** The first number is the time on a core. */
const scheduled = (thread: string) => Number(read(`${thread}/schedstat`)?.split(' ')[0] ?? 0)

/** What was used since: of a process that ended meanwhile it is not known any more. */
export function usedSince(before: Map<number, number>, now: Map<number, number>): number {
  return [...now].reduce((sum, [pid, used]) => sum + Math.max(0, used - (before.get(pid) ?? 0)), 0)
}

/** Resident memory of a process, megabytes: now, and the most it ever had. */
export function memoryOf(pid: number): { now: number; most: number } {
  const status = read(`/proc/${pid}/status`) ?? ''
  const megabytes = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]) / 1_024
  return { now: megabytes('VmRSS'), most: megabytes('VmHWM') }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
