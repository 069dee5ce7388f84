import type { IncomingMessage } from 'node:http'

/** A body may have this many chunks, plus one for each BYTES_PER_CHUNK bytes. */
const FREE_CHUNKS = 64
const BYTES_PER_CHUNK = 256

const floods = new WeakSet<IncomingMessage>()

/** Whether the body of this request is cut off because it comes in too many chunks. */
export const hasTooManyChunks = (request: IncomingMessage) => floods.has(request)

/**
 * Drops the rest of a body that comes in very small chunks. node:http makes a buffer of each chunk and keeps it until
 * it is read, and pauses only after 64 KB of content: a body of one-byte chunks takes a thousand times its size in
 * memory, and much time.
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
    // The last chunk wakes up the reader, which then refuses the body.
    return push(chunk, encoding)
  }
}
