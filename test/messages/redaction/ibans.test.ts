import fc from 'fast-check'
import { composeIBAN, countrySpecs } from 'ibantools'
import { expect, test } from 'vitest'
import { redactWith } from './optional.ts'

const redact = (text: string) => redactWith({ redactsIbans: true }, text)
const IBAN = 'XX00 0000 0000 0000 0000 00'

test.each([
  ['DE89370400440532013000', IBAN],
  ['Pay to DE89 3704 0044 0532 0130 00.', `Pay to ${IBAN}.`],
  ['gb82-west-1234-5698-7654-32', IBAN],
  ['IBAN:FR1420041010050500013M02606,', `IBAN:${IBAN},`],
  ['账号DE89370400440532013000。', `账号${IBAN}。`],
  ['{"iban":"NO9386011117947"}', `{"iban":"${IBAN}"}`],
  ['"a\\nDE89370400440532013000"', `"a\\n${IBAN}"`],
  ['DE89%203704%200044%200532%200130%2000', IBAN],
  ['BE68 5390 0754 7034', IBAN],
  ['PT50 0002 0123 1234 5678 9015 4', IBAN],
  ['ＤＥ８９３７０４００４４０５３２０１３０００', IBAN],
])('of %j is left %j', async (text, left) => {
  expect(await redact(text)).toEqual([left, { ibans: 1 }])
})

test.each([
  'DE88370400440532013000',
  'DE8937040044053201300',
  'xDE89370400440532013000',
  'DE893704004405320130001',
  'ZZ89370400440532013000',
  'DE89 37 0400440532013000',
  IBAN,
])('%s stays', async (text) => expect(await redact(text)).toEqual([text, {}]))

/** IBANs of countries whose accounts are digits without check digits of their own. */
const ibans = fc
  .tuple(fc.constantFrom('DE', 'AT', 'DK', 'CH'), fc.bigInt({ min: 0n, max: 10n ** 21n - 1n }))
  .map(([countryCode, number]) => {
    const length = (countrySpecs[countryCode]?.chars ?? 0) - 4
    return composeIBAN({ countryCode, bban: String(number).padStart(length, '0').slice(-length) })
  })
  .filter((iban): iban is string => iban !== null)

test('an IBAN is found whatever is around it, and what replaces it is not found again', async () => {
  const around = fc.constantFrom('', ' ', '\n', '(', ')', ',', '"', ': ', '。', 'é')
  await fc.assert(
    fc.asyncProperty(around, ibans, fc.boolean(), around, async (before, iban, isGrouped, after) => {
      const written = isGrouped ? iban.replaceAll(/(.{4})(?=.)/g, '$1 ') : iban
      const [text] = await redact(before + written + after)
      expect(text).toBe(before + IBAN + after)
      expect(await redact(text)).toEqual([text, {}])
    }),
    { numRuns: 200 },
  )
})
