import type { IncomingMessage } from 'node:http'

/** A body may have this many chunks, and one more for each so many bytes of it. */
const FREE_CHUNKS = 64
const BYTES_PER_CHUNK = 256

const floods = new WeakSet<IncomingMessage>()

/** Whether the body of this request is cut off because it comes in too many chunks. */
export const hasTooManyChunks = (request: IncomingMessage) => floods.has(request)

/**
 * Drops what follows in a body that comes in very small chunks. node:http makes a buffer of each and keeps it until it is read, and pauses
 * only after 64 KB of content: a body of chunks of one byte takes a thousand times its size in memory, and its time.
 */
export function limitChunks(request: IncomingMessage): void {
  if (request.headers['transfer-encoding'] === undefined) return
  const push = request.push.bind(request)
  let [chunks, bytes] = [0, 0]
  request.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    if (floods.has(request)) return false
    if (chunk === null) return push(null)
    chunks += 1
    bytes += chunk.length
    if (chunks > FREE_CHUNKS + bytes / BYTES_PER_CHUNK) floods.add(request)
    // The last one wakes up the reader, who then refuses the body.
    return push(chunk, encoding)
  }
}
