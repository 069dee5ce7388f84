import { expect, test, vi } from 'vitest'
import { TENANT_JOBS } from '../../src/jobs/tenant-jobs.ts'
import { useServices } from '../support/services.ts'

const { start, owner } = await useServices()

const answers = (url: string) =>
  fetch(new URL('/health', url)).then(
    () => true,
    () => false,
  )

test('a server that stops waits for the piece of a job that is under way, and begins no other', async () => {
  const [job] = TENANT_JOBS
  if (!job) throw new Error('there is no job')
  await owner(`INSERT INTO tenants (id, name, time_zone) VALUES ('acme', 'Acme', 'UTC');
    INSERT INTO tenant_jobs (tenant_id, name) VALUES ('acme', '${job.name}')`)
  const [begun, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const happened: string[] = []
  const step = vi.spyOn(job, 'step').mockImplementation(async () => {
    begun.resolve()
    await mayEnd.promise
    happened.push('a piece was done')
    return '00000000-0000-0000-0000-000000000001'
  })
  try {
    const server = await start()
    await begun.promise
    const stopped = server.stop().then(() => happened.push('the server stopped'))
    const url = await server.url()
    await expect.poll(() => answers(url)).toBe(false)
    mayEnd.resolve()
    await stopped
    expect(happened).toEqual(['a piece was done', 'the server stopped'])
    expect(await owner(`SELECT after_id FROM tenant_jobs WHERE tenant_id = 'acme'`)).toEqual([
      { after_id: '00000000-0000-0000-0000-000000000001' },
    ])
  } finally {
    step.mockRestore()
  }
})
