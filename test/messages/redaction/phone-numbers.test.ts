import fc from 'fast-check'
import { getExampleNumber } from 'libphonenumber-js/max'
import examples from 'libphonenumber-js/mobile/examples' with { type: 'json' }
import { expect, test } from 'vitest'
import { redactWith } from './optional.ts'

const redact = (text: string, phoneRegion: string | null = null) =>
  redactWith({ redactsPhoneNumbers: true, phoneRegion }, text)
const PHONE = '+00 000 000000'

test.each([
  ['Call +49 30 901820 or', null, `Call ${PHONE} or`],
  ['+49 (0)30 901820', null, PHONE],
  ['(+49) 30 901820.', null, `${PHONE}.`],
  ['(+49 30 901820)', null, `(${PHONE})`],
  ['tel:+4930901820', null, `tel:${PHONE}`],
  ['电话+4930901820。', null, `电话${PHONE}。`],
  ['"a\\n+4930901820"', null, `"a\\n${PHONE}"`],
  ['%2B4930901820', null, PHONE],
  ['＋49 30 901820', null, PHONE],
  ['+1-650-253-0000 x12', null, `${PHONE} x12`],
  ['030 901820', 'DE', PHONE],
  ['(030) 90 18 20, please', 'DE', `${PHONE}, please`],
  ['030/901820', 'DE', PHONE],
  ['030901820', 'DE', PHONE],
  ['0049 30 901820', 'DE', PHONE],
  ['650-253-0000', 'US', PHONE],
  ['(650) 253-0000', 'US', PHONE],
  ['650.253.0000', 'US', PHONE],
  ['1-650-253-0000', 'US', PHONE],
  ['+49 30 901820 2026-01-05', 'DE', `${PHONE} 2026-01-05`],
  ['+49 30 901820 05.01.2026', null, `${PHONE} 05.01.2026`],
  ['030 901820 2026-01-05', 'DE', `${PHONE} 2026-01-05`],
  ['a+4930901820', null, `a${PHONE}`],
  ['+49 30  901820', null, PHONE],
  ['+49 30\n901820', null, PHONE],
  ['"+49 30\\n901820"', null, `"${PHONE}"`],
  ['+1 650\n253\n0000\n17', null, `${PHONE}\n17`],
  ['+49 30 901820\n2026-01-05', null, `${PHONE}\n2026-01-05`],
  ['+49 30 90-18-2000', null, PHONE],
])('of %j in %s is left %j', async (text, region, left) => {
  expect(await redact(text, region)).toEqual([left, { phoneNumbers: 1 }])
})

test.each([
  ...['030 901820', '650-253-0000', '+1 23', '+49', '++', PHONE].map((text) => [text, null] as const),
  ...['order 2025550123', 'ts 1764506700', 'at 2026-11-30 12:45:00', '212.255.10.12', '192.168.10.12', '1,299,000'].map(
    (text) => [text, 'US'] as const,
  ),
  ...['4111 1111 1111 1111', '490154203237518', '03.01.2026 10:30', '2026-03-01 10:30', '978-3-16-148410-0'].map(
    (text) => [text, 'DE'] as const,
  ),
  ...['550e8400-e29b-41d4-a716-446655440000', 'DE89 3704 0044 0532 0130 00', 'v10.15.7.1234', '1234567890'].map(
    (text) => [text, 'GB'] as const,
  ),
  [PHONE, 'DE'],
  ['ada+4930901820@x.org', 'DE'],
  ['ada+4930901820.b@x.org', null],
] as [string, string | null][])('%j stays in %s', async (text, region) => {
  expect(await redact(text, region)).toEqual([text, {}])
})

test('two numbers beside each other are two', async () => {
  expect(await redact('030 901820, 030 901821 / +4930901822', 'DE')).toEqual([
    `${PHONE}, ${PHONE} / ${PHONE}`,
    { phoneNumbers: 3 },
  ])
})

const countries = ['DE', 'US', 'GB', 'FR', 'IT', 'ES', 'BR', 'IN', 'JP', 'AU', 'ZA', 'NG'] as const

test('a number that goes on in the next line takes none of the number after it', async () => {
  expect(await redact('+49 30\n901820\n030 901821', 'DE')).toEqual([`${PHONE}\n${PHONE}`, { phoneNumbers: 2 }])
  expect(await redact('+49 30 901820\n030 901821', 'DE')).toEqual([`${PHONE}\n${PHONE}`, { phoneNumbers: 2 }])
})

test('the example of every country is found, however it is written', async () => {
  const around = fc.constantFrom('', ' ', '\n', '(', ')', ', ', '"', ': ', '。')
  const country = fc.constantFrom(...countries)
  await fc.assert(
    fc.asyncProperty(around, country, fc.nat(2), around, async (before, code, form, after) => {
      const number = getExampleNumber(code, examples)
      const written = [number?.formatInternational(), number?.number, number?.formatNational()][form] ?? ''
      const [text, counts] = await redact(before + written + after, code)
      expect([text, counts], written).toEqual([before + PHONE + after, { phoneNumbers: 1 }])
    }),
    { numRuns: 300 },
  )
})

test('a text full of digits takes a bounded number of looks', async () => {
  for (const unit of ['1 ', '0 ', '1-', '+49 30 9', '030 90 ', '+1', '('])
    expect((await redact(unit.repeat(20_000), 'DE'))[1].phoneNumbers ?? 0).toBeLessThan(20_000)
})
