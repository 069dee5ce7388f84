import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canBrowse, launchBrowser } from '../support/browser.ts'
import { ALL_ELEMENTS, configuring } from './pages.ts'
import { type Customer, setUpStage } from './set-up.ts'
import { deepText, ELEMENTS, untilLoaded, visit } from './visit.ts'

const stage = await setUpStage()
const { host, parley } = stage

const BODY = `<section id="one">${ALL_ELEMENTS}</section><section id="two">${ALL_ELEMENTS}</section>`

/** Gives each element a session, of its section's customer. */
const SESSIONS = `
window.sessions = { amber: sessionFor('amber'), basil: sessionFor('basil') }
window.giveSession = (section, name) => {
  for (const element of document.querySelectorAll(section + ' > *')) element.session = sessions[name]
}
giveSession('#one', 'amber')
giveSession('#two', 'basil')
`

describe.skipIf(!canBrowse('What two tenants on one page see of each other'))('two tenants on one page', () => {
  let browser: Browser
  let amber: Customer
  let basil: Customer
  const open: Record<string, string> = {}

  beforeAll(async () => {
    browser = await launchBrowser()
    amber = await stage.newCustomer('amber', { count: 12 })
    basil = await stage.newCustomer('basil', { count: 12 })
    for (const { name, ask } of [amber, basil]) {
      const { data } = await ask('{ conversations(first: 1) { nodes { id } } }')
      open[name] = data.conversations.nodes[0].id
    }
  })
  afterAll(() => browser?.close())

  const show = async () => {
    const ids = `document.querySelector('#one > parley-conversation').conversationId = '${open['amber']}'
      document.querySelector('#two > parley-conversation').conversationId = '${open['basil']}'`
    const visited = await visit(
      browser,
      host.page({ body: BODY, script: configuring(`${parley}/`, null, SESSIONS + ids) }),
    )
    await untilLoaded(visited.page)
    return visited
  }

  test('see nothing of each other, in the page and in what it is sent', async () => {
    const { page, received, complaints } = await show()
    const [one, two] = [await deepText(page, '#one'), await deepText(page, '#two')]
    expect(one).toContain('amber question')
    expect(two).toContain('basil question')
    expect(one).not.toContain('basil')
    expect(two).not.toContain('amber')
    for (const [customer, other] of [
      [amber, 'basil'],
      [basil, 'amber'],
    ] as const) {
      const bodies = received.filter(({ authorization }) =>
        customer.tokens.given.some((token) => authorization.endsWith(token)),
      )
      expect(bodies.filter(({ text }) => text.includes(`${customer.name} question`)).length).toBeGreaterThan(0)
      expect(bodies.filter(({ text }) => text.includes(other))).toEqual([])
    }
    expect(complaints).toEqual([])
  })

  test('are told apart as soon as an element gets another session, before anything has come of it', async () => {
    const { page } = await show()
    // Nothing is answered any longer.
    await page.route('**/graphql', () => {})
    const shown = await page.evaluate(`(async () => {
      giveSession('#one', 'basil')
      await Promise.all([...document.querySelectorAll('#one > *')].map((element) => element.updateComplete))
    })()`)
    expect(shown).toBeUndefined()
    expect(await deepText(page, '#one')).not.toContain('amber')
    expect(await deepText(page, '#two')).toContain('basil question')
  })

  test('are told apart after an element gets another session', async () => {
    const { page } = await show()
    await page.evaluate(
      `giveSession('#one', 'basil'); document.querySelector('#one > parley-conversation').conversationId = '${open['basil']}'`,
    )
    await page.locator('#one > parley-conversations').getByText('basil title').first().waitFor()
    await untilLoaded(page)
    expect(await deepText(page, '#one')).not.toContain('amber')
  })

  test('are gone from the page when they log out, and nothing more is asked', async () => {
    const { page, requests } = await show()
    await page.evaluate('sessions.amber.logout()')
    await untilLoaded(page, ELEMENTS.replaceAll('parley-', '#one > parley-'), ['unauthorized'])
    const sent = requests.length
    expect(await deepText(page, '#one')).not.toContain('amber')
    expect(await deepText(page, '#two')).toContain('basil question')
    await page.evaluate('for (const element of document.querySelectorAll("#one > *")) element.reload()')
    expect(
      requests
        .slice(sent)
        .filter((request) => request.headers()['authorization']?.endsWith(amber.tokens.given.at(-1) ?? '')),
    ).toEqual([])
    expect(await deepText(page, '#one')).not.toContain('amber')
  })
})
