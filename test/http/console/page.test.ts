import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { setUpStage } from '../../embed/set-up.ts'
import { visit } from '../../embed/visit.ts'
import { canBrowse, launchBrowser } from '../../support/browser.ts'

/** The page in a browser that reaches no other host: at the server itself, and below a path of a proxy's. */

const { host, parley } = await setUpStage()
const PLACES = [
  ['at the server', `${parley}/console`],
  ['below a path of a proxy that rewrites it', `${host.origin}/parley/console`],
] as const

const ONLY_THIS_MACHINE = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'
const DEFINED = 'customElements.whenDefined("parley-console").then(() => true)'

describe.skipIf(!canBrowse('The page of the console'))('the console', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser([ONLY_THIS_MACHINE])
  })
  afterAll(() => browser?.close())

  test.each(PLACES)('works %s, and asks nobody else', async (_name, url) => {
    const { page, complaints, requests } = await visit(browser, url)
    await page.evaluate(DEFINED)
    await page.locator('parley-console > *').first().waitFor()
    expect(complaints).toEqual([])
    const below = url.slice(0, -'/console'.length)
    const asked = requests.map((request) => request.url()).filter((to) => !to.startsWith('data:'))
    expect(asked.filter((to) => !to.startsWith(`${below}/`))).toEqual([])
    // By the same name as it is preloaded, or it would be loaded twice.
    expect(asked.map((to) => to.slice(below.length + 1).replaceAll(/[0-9a-f]{16}/g, 'HASH')).toSorted()).toEqual(
      expect.arrayContaining(['console', 'console/console-HASH.js', 'embed/v1.js?HASH']),
    )
    expect(asked.filter((to) => to.includes('/v1.js'))).toHaveLength(1)
  })

  test('runs on one copy of Lit', async () => {
    const { page } = await visit(browser, PLACES[0][1])
    await page.evaluate(DEFINED)
    const copies = '[litHtmlVersions, litElementVersions, reactiveElementVersions].map(({ length }) => length)'
    expect(await page.evaluate(copies)).toEqual([1, 1, 1])
  })

  test.each(PLACES)('is found with a slash at the end %s', async (_name, url) => {
    const { page, complaints } = await visit(browser, `${url}/`)
    await page.evaluate(DEFINED)
    expect([page.url(), complaints]).toEqual([url, []])
  })

  test('is shown in no frame of another page, nor of the proxy’s own', async () => {
    const framing = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end(FRAMES)
    })
    const FRAMES = PLACES.map(([, url]) => `<iframe src="${url}"></iframe>`).join('')
    await new Promise<void>((resolve) => framing.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      framing.closeAllConnections()
      framing.close()
    })
    const pages = [
      `http://127.0.0.1:${(framing.address() as AddressInfo).port}/`,
      host.page({ body: '<iframe src="/parley/console"></iframe>' }),
    ]
    for (const url of pages) {
      const { page, complaints } = await visit(browser, url)
      await expect.poll(() => complaints.join()).toContain("frame-ancestors 'none'")
      const frames = page.frames().filter((frame) => frame !== page.mainFrame())
      const shown = frames.map((frame) => frame.locator('parley-console').count())
      expect(await Promise.all(shown)).toEqual(frames.map(() => 0))
    }
  })

  test('lets no script make markup from text, nor allow itself to', async () => {
    const { page, complaints } = await visit(browser, PLACES[0][1])
    await page.evaluate(DEFINED)
    const nameOfError = (code: string) =>
      `(() => { try { ${code}; return 'done' } catch ({ name }) { return name } })()`
    const tried = await page.evaluate<string[]>(
      `[${nameOfError('document.body.innerHTML = "<b>x</b>"')}, ${nameOfError('trustedTypes.createPolicy("other", {})')}]`,
    )
    expect(tried).toEqual(['TypeError', 'TypeError'])
    await expect.poll(() => complaints.join()).toContain('violation: require-trusted-types-for')
  })
})
