import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Config } from '../config.ts'

/** How long a new connection may take to send the first byte of its request, once the server closes. */
const FIRST_BYTE_MS = 100

/**
 * Returns a function that closes this server: it stops listening, closes idle connections, lets requests in flight finish,
 * and cuts off what is left after the time-out. Call this before the server listens.
 */
export function prepareToClose(http: Server, { shutdownTimeoutMs }: Pick<Config, 'shutdownTimeoutMs'>) {
  const connections = new Set<Socket>()
  const unanswered = new Set<ServerResponse>()
  let isClosing = false
  http.on('connection', (socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  http.prependListener('request', (_request, response) => {
    unanswered.add(response)
    response.once('close', () => unanswered.delete(response))
    // Its headers were still arriving when the server began to close.
    if (isClosing) closeAfter(response)
  })

  /**
   * Otherwise the connection stays open after its last answer, delays the shutdown, and accepts a request that nobody
   * answers.
   */
  function closeAfter(response: ServerResponse) {
    if (!response.headersSent) response.setHeader('connection', 'close')
    else response.once('close', () => http.closeIdleConnections())
  }

  /**
   * Browsers and proxies open connections in advance. Node doesn't count a connection as idle until something has been
   * sent on it.
   */
  function closeUnused() {
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
  }

  return () =>
    new Promise<void>((resolve) => {
      isClosing = true
      for (const response of unanswered) closeAfter(response)
      const timers = [
        setTimeout(closeUnused, FIRST_BYTE_MS),
        setTimeout(() => http.closeAllConnections(), shutdownTimeoutMs),
      ]
      http.close(() => {
        for (const timer of timers) clearTimeout(timer)
        resolve()
      })
      http.closeIdleConnections()
    })
}
