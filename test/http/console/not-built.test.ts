import { expect, test, vi } from 'vitest'
import { startTestServer } from '../../support/server.ts'

const { build } = vi.hoisted(() => ({ build: { isBroken: true } }))

vi.mock('../../../src/http/embed/embed-files.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../../src/http/embed/embed-files.ts')>()
  const readEmbed: typeof original.readEmbed = (...args) =>
    build.isBroken ? Promise.reject(new Error('the disk is on fire')) : original.readEmbed(...args)
  return { ...original, readEmbed }
})

const server = await startTestServer()

test('if the console can’t be read, the answer names its request, the log says why, and the next request tries again', async () => {
  const answer = await server.fetch('/console')
  const requestId = answer.headers.get('x-request-id')
  const body = await answer.text()
  expect([answer.status, JSON.parse(body).errors]).toEqual([
    500,
    [{ message: expect.any(String), extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } }],
  ])
  expect(body).not.toContain('fire')
  expect(server.logged).toContainEqual(
    expect.objectContaining({
      level: 'error',
      msg: 'the console could not be read',
      requestId,
      err: expect.objectContaining({ stack: expect.stringContaining('the disk is on fire') }),
    }),
  )
  build.isBroken = false
  expect((await server.fetch('/console')).status).toBe(200)
})
