/**
 * The server sends something every 12 seconds: a stream that is silent for much longer is dead, even if the network
 * reports nothing.
 */
const SILENCE_MS = 30_000

/** `fetch` for a stream: fails if nothing arrives for too long. */
export async function watchedFetch(url: string, init: RequestInit): Promise<Response> {
  const dead = new AbortController()
  const signal = init.signal ? AbortSignal.any([init.signal, dead.signal]) : dead.signal
  let timer: ReturnType<typeof setTimeout> | undefined
  const listen = () => {
    clearTimeout(timer)
    timer = setTimeout(() => dead.abort(), SILENCE_MS)
  }
  listen()
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  const response = await fetch(url, { ...init, signal })
  const watched = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, stream) {
      listen()
      stream.enqueue(chunk)
    },
    flush: () => clearTimeout(timer),
  })
  return new Response(response.body?.pipeThrough(watched) ?? null, response)
}
