import { readFileSync } from 'node:fs'

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
