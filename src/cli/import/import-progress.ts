import { SingleBar } from 'cli-progress'
import type { EntryKind } from './read-entries.ts'
import { RecentRate } from './recent-rate.ts'

/** Shows how an import progresses. Counts are of entries that are not blank: conversations and malformed ones. */
export interface ImportProgress {
  /** `next`: the number of the entry before which everything is settled. */
  start(total: number, done: number, next: number, kind: EntryKind): void
  settle(entryCount: number, next: number): void
  say(text: string): void
  stop(): void
}

const BETWEEN_LINES_MS = 10_000

/** A bar on a terminal; elsewhere a line now and then. Both show where to continue, even after a kill -9. */
export function createProgress(stream: NodeJS.WritableStream & { isTTY?: boolean }, nowMs = Date.now): ImportProgress {
  const show = stream.isTTY ? bar(stream) : plainLines(stream, nowMs)
  const rate = new RecentRate()
  let [total, done] = [0, 0]
  const text = () => `${count(done)} of ${count(total)} conversations${speed(rate.perSecond, total - done)}`
  return {
    start(all, before, next, kind) {
      ;[total, done] = [all, before]
      rate.note(done, nowMs())
      show.start(total, done, text(), next, kind)
    },
    settle(entryCount, next) {
      done += entryCount
      rate.note(done, nowMs())
      show.update(done, text(), next)
    },
    say: (text) => show.say(text),
    stop: () => show.stop(),
  }
}

interface Display {
  start(total: number, done: number, text: string, next: number, kind: EntryKind): void
  update(done: number, text: string, next: number): void
  say(text: string): void
  stop(): void
}

function bar(stream: NodeJS.WritableStream): Display {
  const bar = new SingleBar({ format: '{bar} {text}, at {kind} {next} {said}', barsize: 10, stream })
  return {
    start: (total, done, text, next, kind) => bar.start(total, done, { text, next, kind, said: '' }),
    update: (done, text, next) => bar.update(done, { text, next, said: '' }),
    // Before the bar starts, there is nothing to update.
    say: (said) => (bar.isActive ? bar.update({ said: `(${said})` }) : stream.write(`${said}\n`)),
    stop: () => bar.stop(),
  }
}

function plainLines(stream: NodeJS.WritableStream, nowMs: () => number): Display {
  const say = (text: string) => stream.write(`${text}\n`)
  let lastMs = 0
  let option = ''
  return {
    start: (_total, _done, _text, _next, kind) => {
      lastMs = nowMs()
      option = `--from-${kind}`
    },
    update(_done, text, next) {
      if (nowMs() - lastMs < BETWEEN_LINES_MS) return
      lastMs = nowMs()
      say(`${text}; ${option} ${next} would continue here`)
    },
    say,
    stop: () => {},
  }
}

const count = (number: number) => number.toLocaleString('en')

const speed = (perSecond: number | null, left: number) =>
  perSecond === null ? '' : `, ${count(Math.round(perSecond))}/s, ${duration(left / perSecond)} left`

/** `1 h 5 min`, `4 min 18 s`, `7 s`. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds)
  const [h, min, s] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60]
  if (h > 0) return `${h} h ${min} min`
  return min > 0 ? `${min} min ${s} s` : `${s} s`
}
