import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** How long a client may accept nothing while bytes wait for it. */
export interface ReaderLimits {
  readTimeoutMs: number
  /** For an event stream. */
  streamReadTimeoutMs: number
  /** How often connections are checked: a time-out can be this much late. */
  lookEveryMs: number
}

/** What node:net itself checks for a socket's time-outs. A large write counts as waiting until its last byte. */
interface Handle {
  bytesWritten: number
  /** Bytes that the operating system has not accepted. */
  writeQueueSize: number
}

interface Reader {
  accepted: number
  sinceMs: number
  response: ServerResponse | null
}

/**
 * Disconnects clients that have stopped reading, because what waits for them is kept in memory. A client that reads
 * slowly is not disconnected. One timer checks all connections.
 */
export function disconnectSilentReaders(http: Server, limits: ReaderLimits): void {
  const readers = new Map<Socket, Reader>()
  http.on('connection', (socket) => {
    readers.set(socket, { accepted: 0, sinceMs: 0, response: null })
    socket.once('close', () => readers.delete(socket))
  })
  http.on('request', ({ socket }, response) => {
    const reader = readers.get(socket)
    if (reader) reader.response = response
  })
  const look = () => {
    const nowMs = performance.now()
    for (const [socket, reader] of readers) {
      const accepted = acceptedBy(socket)
      if (socket.writableLength === 0 || accepted !== reader.accepted) {
        Object.assign(reader, { accepted, sinceMs: nowMs })
        continue
      }
      const limitMs = isStream(reader.response) ? limits.streamReadTimeoutMs : limits.readTimeoutMs
      // Without a FIN, which the client would only get after reading all the rest.
      if (nowMs - reader.sinceMs >= limitMs) socket.resetAndDestroy()
    }
  }
  const timer = setInterval(look, limits.lookEveryMs).unref()
  http.once('close', () => clearInterval(timer))
}

function acceptedBy(socket: Socket): number {
  const { _handle: handle } = socket as typeof socket & { _handle: Handle | null }
  return handle ? handle.bytesWritten - handle.writeQueueSize : 0
}

const isStream = (response: ServerResponse | null) =>
  String(response?.getHeader('content-type') ?? '').startsWith('text/event-stream')
