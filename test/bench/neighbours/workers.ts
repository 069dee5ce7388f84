import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** A process that carries out one order at a time. */
export interface Worker<Order, Report> {
  pid: number
  order(order: Order): Promise<Report>
  stop(): void
}

/** `file`: in this directory. The process ends with this one. */
export function startWorker<Order extends object, Report>(file: string): Worker<Order, Report> {
  const child: ChildProcess = fork(`${import.meta.dirname}/${file}`, { serialization: 'advanced' })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${file} ended with ${code}`)
  })
  // Only a caller that waits for a report needs to know.
  ended.catch(() => {})
  return {
    pid: child.pid ?? 0,
    async order(order) {
      const answered = once(child, 'message') as Promise<[{ report: Report }]>
      child.send(order)
      const [{ report }] = await Promise.race([answered, ended])
      return report
    },
    stop: () => child.disconnect(),
  }
}
