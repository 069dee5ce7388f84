import { EventEmitter } from 'node:events'
import type { Server } from 'node:http'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { disconnectSilentReaders } from '../../src/http/limits/silent-readers.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const LIMITS = { readTimeoutMs: 20_000, streamReadTimeoutMs: 60_000, lookEveryMs: 1_000 }

/** A connection whose client has been sent a megabyte, of which it has accepted nothing. */
function connection({ contentType = 'application/json', waiting = 1_000_000 } = {}) {
  const http = new EventEmitter()
  disconnectSilentReaders(http as Server, LIMITS)
  const socket = Object.assign(new EventEmitter(), {
    writableLength: waiting,
    _handle: { bytesWritten: 1_000_000, writeQueueSize: waiting },
    resetAndDestroy: vi.fn(),
  })
  http.emit('connection', socket)
  http.emit('request', { socket }, { getHeader: () => contentType })
  return {
    http,
    socket,
    /** Whether it is disconnected after this many more seconds, in each of which the client accepts this many bytes. */
    isCutOffAfter(seconds: number, bytesEach = 0) {
      for (let i = 0; i < seconds; i += 1) {
        socket._handle.writeQueueSize -= bytesEach
        vi.advanceTimersByTime(1_000)
      }
      return socket.resetAndDestroy.mock.calls.length > 0
    },
  }
}

test('a client that accepts nothing for 20 seconds is disconnected', () => {
  const { isCutOffAfter } = connection()
  expect(isCutOffAfter(19)).toBe(false)
  expect(isCutOffAfter(3)).toBe(true)
})

test('a subscriber has 60 seconds', () => {
  const { isCutOffAfter } = connection({ contentType: 'text/event-stream' })
  expect(isCutOffAfter(59)).toBe(false)
  expect(isCutOffAfter(3)).toBe(true)
})

test('a client that accepts a byte now and then is not disconnected', () => {
  const { isCutOffAfter } = connection()
  for (let i = 0; i < 20; i += 1) {
    expect(isCutOffAfter(18)).toBe(false)
    expect(isCutOffAfter(1, 1)).toBe(false)
  }
  expect(isCutOffAfter(22)).toBe(true)
})

test('a client with nothing to read is not disconnected, however long it is idle', () => {
  const { isCutOffAfter, socket } = connection({ waiting: 0 })
  expect(isCutOffAfter(1_000)).toBe(false)
  socket.writableLength = socket._handle.writeQueueSize = 10
  expect(isCutOffAfter(19)).toBe(false)
})

test('nothing is checked any more once the server or the connection is closed', () => {
  const closedServer = connection()
  closedServer.http.emit('close')
  expect(closedServer.isCutOffAfter(30)).toBe(false)
  const closedSocket = connection()
  closedSocket.socket.emit('close')
  expect(closedSocket.isCutOffAfter(30)).toBe(false)
})
