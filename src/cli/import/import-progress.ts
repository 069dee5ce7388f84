import { SingleBar } from 'cli-progress'
import { RecentRate } from './recent-rate.ts'

/** Shows how an import progresses. Counts are of lines that are not blank: conversations and malformed lines. */
export interface ImportProgress {
  /** `nextLine`: everything before it is settled. */
  start(total: number, done: number, nextLine: number): void
  settle(lineCount: number, nextLine: number): void
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
    start(all, before, nextLine) {
      ;[total, done] = [all, before]
      rate.note(done, nowMs())
      show.start(total, done, text(), nextLine)
    },
    settle(lineCount, nextLine) {
      done += lineCount
      rate.note(done, nowMs())
      show.update(done, text(), nextLine)
    },
    say: (text) => show.say(text),
    stop: () => show.stop(),
  }
}

interface Display {
  start(total: number, done: number, text: string, nextLine: number): void
  update(done: number, text: string, nextLine: number): void
  say(text: string): void
  stop(): void
}

function bar(stream: NodeJS.WritableStream): Display {
  const bar = new SingleBar({ format: '{bar} {text}, at line {line} {said}', barsize: 10, stream })
  return {
    start: (total, done, text, line) => bar.start(total, done, { text, line, said: '' }),
    update: (done, text, line) => bar.update(done, { text, line, said: '' }),
    say: (said) => bar.update({ said: `(${said})` }),
    stop: () => bar.stop(),
  }
}

function plainLines(stream: NodeJS.WritableStream, nowMs: () => number): Display {
  const say = (text: string) => stream.write(`${text}\n`)
  let lastMs = 0
  return {
    start: () => {
      lastMs = nowMs()
    },
    update(_done, text, nextLine) {
      if (nowMs() - lastMs < BETWEEN_LINES_MS) return
      lastMs = nowMs()
      say(`${text}; --from-line ${nextLine} would continue here`)
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
