import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { UnreadAnswers } from '../../src/http/limits/unread-answers.ts'

const HOLDER = { tenantId: 'a', credential: 'key', isKey: true }

test('a stream of many answers gets one listener, and holds nothing once its socket has accepted them', async () => {
  const unread = new UnreadAnswers()
  const response = new ServerResponse(new IncomingMessage(new Socket()))
  for (let i = 0; i < 30; i += 1) {
    unread.holdInStream(HOLDER, 10, response)
    expect(unread.bytes).toBe(10)
    await setImmediate()
    await setImmediate()
    expect(unread.bytes).toBe(0)
  }
  expect(response.listenerCount('close')).toBe(1)
})
