import type { IncomingMessage, ServerResponse } from 'node:http'

/** How long a client has to read its answer before the connection is closed with the rest of its body unread. */
const LINGER_MS = 1_000

/**
 * Closes the connection of a request that is answered before its body was read, instead of reading and discarding the
 * rest. Not at once: if more data arrives at a closed socket, the client's system drops the answer that the client has
 * not read yet.
 */
export function closeUnread(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete || response.headersSent) return
  response.setHeader('connection', 'close')
  const { socket } = request
  // node:http calls this once the answer to a connection's last request is written.
  socket.destroySoon = () => {
    socket.end()
    // node:http resumes the request to discard the rest; once it is paused after that, the client has to wait.
    setImmediate(() => socket.pause())
    const closing = setTimeout(() => socket.destroy(), LINGER_MS)
    socket.once('close', () => clearTimeout(closing))
  }
}
