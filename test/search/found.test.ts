import { expect, test } from 'vitest'
import { fitting, log } from '../conversations/conversations.ts'
import { startTestServer } from '../support/server.ts'
import { CORPUS } from './corpus.ts'

const server = await startTestServer()

const said = (content: string) => ({ messages: [{ chat: { role: 'USER', content } }] })

// Each script in a tenant of its own: what one text has, another may have as well.
test.each(Object.entries(CORPUS))('%s is found through the API', async (_script, cases) => {
  for (const { text, finds, misses } of cases) {
    const { ask } = await server.newTenant()
    await log(ask, { externalId: 'text', ...said(text) })
    await log(ask, { externalId: 'other', ...said('zzz') })
    // Several at a time, which is several times as fast.
    const found = await fitting(ask, { and: finds.map((search) => ({ search })) })
    if (!found.includes('text')) {
      for (const search of finds) expect.soft(await fitting(ask, { search }), search).toContain('text')
    }
    expect(found).toContain('text')
    const missed = await fitting(ask, { or: misses.map((search) => ({ search })) })
    if (missed.includes('text')) {
      for (const search of misses) expect.soft(await fitting(ask, { search }), search).not.toContain('text')
    }
    expect(missed).not.toContain('text')
  }
})

test('there are cases of at least twelve scripts', () => {
  const scripts = ['Latn', 'Grek', 'Cyrl', 'Armn', 'Geor', 'Arab', 'Hebr', 'Deva', 'Beng', 'Taml', 'Ethi', 'Tibt']
  const all = JSON.stringify(CORPUS)
  for (const script of [...scripts, 'Hani', 'Hira', 'Kana', 'Hang', 'Thai', 'Laoo', 'Khmr', 'Mymr']) {
    expect(all, script).toMatch(new RegExp(`\\p{Script=${script}}`, 'u'))
  }
})

test('a Hangul word is stored and found with marks of two UTF-16 units in it', async () => {
  const { ask } = await server.newTenant()
  const mark = '\u{1d165}'
  const long = `${'가'.repeat(15)}${mark}${'나'.repeat(5)}`
  await log(ask, { externalId: 'short', ...said(`배송${mark}이`) })
  await log(ask, { externalId: 'long', ...said(long) })
  const cases: [string, string[]][] = [
    ['배송', ['short']],
    [`배송${mark}`, ['short']],
    [`배송${mark}이`, ['short']],
    ['배송이', []],
    ['가'.repeat(15), ['long']],
    [`${'가'.repeat(15)}${mark}`, ['long']],
    [long, ['long']],
    [`-${long}`, ['short']],
  ]
  for (const [search, expected] of cases) expect.soft(await fitting(ask, { search }), search).toEqual(expected)
})

test('a text as long as the limit is stored and found, whatever it is made of', async () => {
  const { ask } = await server.newTenant()
  const fill = (part: (i: number) => string, end: string) => {
    let text = ''
    for (let i = 0; text.length < 262_144 - end.length; i++) text += part(i)
    return text.slice(0, 262_144 - end.length) + end
  }
  const han = (n: number) => String.fromCharCode(0x4e00 + (n % 20_000))
  const texts: [name: string, text: string, search: string][] = [
    ['words', fill((i) => `w${i} the `, ' the last one'), '"the last one"'],
    ['one word', 'x'.repeat(262_144), 'x'.repeat(10_000)],
    ['Han', fill((i) => `我的订单在哪里${han(i)}`, '，最后退货款'), '退货款'],
    [
      'words that differ',
      fill((i) => `${han(2 * i)}${han(i)}${han(3 * i)}-${han(5 * i)} `, '。'),
      `${han(2)}${han(1)}${han(3)}-${han(5)}`,
    ],
    ['pairs that differ', fill((i) => han(i) + han(i * 7 + Math.floor(i / 20_000)), '。'), `${han(0)}${han(0)}`],
    [
      'Hangul',
      fill(
        (i) =>
          `${String.fromCharCode(0xac00 + (i % 11_000))}배송이${String.fromCharCode(0xac00 + ((i * 7) % 11_000))} `,
        ' 끝',
      ),
      '"가배송"',
    ],
    ['Hangul without spaces', fill((i) => String.fromCharCode(0xac00 + ((i * 31) % 11_000)), ' 끝'), '끝'],
    ['what grows', fill(() => '\ufdfa', ' end'), 'وسلم'],
    ['marks', `a${'\u0301\u0323'.repeat(131_071)}b`.slice(0, 262_144), '-zzz'],
    ['emoji', '😀'.repeat(131_072), '😀'],
    ['nothing', ' .'.repeat(131_072), '-zzz'],
  ]
  for (const [externalId, text, search] of texts) {
    await log(ask, { externalId, ...said(text) })
    expect(await fitting(ask, { search }), externalId).toContain(externalId)
  }
})

test('what is redacted is not found, and what stands for it is', async () => {
  const { ask } = await server.newTenant({ derives: true })
  await log(ask, { externalId: 'a', ...said('Write to lovelace@example.org please') })
  expect(await fitting(ask, { search: 'lovelace' })).toEqual([])
  expect(await fitting(ask, { search: '"write to" please' })).toEqual(['a'])
})

test('a phrase is a phrase, excluded or not, in any alternative', async () => {
  const { ask } = await server.newTenant()
  await log(ask, { externalId: 'ab', ...said('red car') })
  await log(ask, { externalId: 'ba', ...said('car red') })
  await log(ask, { externalId: 'c', ...said('blue bus') })
  const cases: [string, string[]][] = [
    ['"red car"', ['ab']],
    ['red -"red car"', ['ba']],
    ['-"red car"', ['ba', 'c']],
    ['-"red car" -bus', ['ba']],
    ['"red car" or bus', ['ab', 'c']],
    ['"red car" or "car red"', ['ab', 'ba']],
    ['bus or -"red car"', ['ba', 'c']],
    ['--red', ['ab', 'ba']],
    ['(red)', ['ab', 'ba']],
    ['red - car', ['ab', 'ba']],
    ['"red', ['ab', 'ba']],
    ['or', []],
    ['red or', []],
    ['or red', []],
    ['red or or', ['ab', 'ba']],
    ['red OR bus', ['ab', 'ba', 'c']],
    ['bus or &', ['c']],
    ['…', []],
    ['-…', []],
  ]
  for (const [search, expected] of cases) expect.soft(await fitting(ask, { search }), search).toEqual(expected)
})
