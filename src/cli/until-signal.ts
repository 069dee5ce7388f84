/** Runs work that stops cleanly if the person who started it presses Ctrl-C, or if the system asks it to end. */
export async function untilSignal<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const stopped = new AbortController()
  const stop = (name: NodeJS.Signals) => stopped.abort(new Error(`Stopped by ${name}.`))
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stop)
  try {
    return await work(stopped.signal)
  } catch (error) {
    throw stopped.signal.aborted ? stopped.signal.reason : error
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, stop)
  }
}
