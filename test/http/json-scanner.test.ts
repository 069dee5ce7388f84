import '../support/property-tests.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonScanner } from '../../src/http/json-scanner.ts'

const UNLIMITED = { values: Number.POSITIVE_INFINITY, depth: Number.POSITIVE_INFINITY }

/** The reference for the scanner: a walk through the parsed value. */
function shapeOf(value: unknown): { values: number; depth: number } {
  if (typeof value !== 'object' || value === null) return { values: 1, depth: 0 }
  const inside = Object.values(value).map(shapeOf)
  return {
    values: inside.reduce((sum, { values }) => sum + values, 1),
    depth: 1 + Math.max(0, ...inside.map(({ depth }) => depth)),
  }
}

/** Strings that look like structure, escapes of each form, and characters of several bytes. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', 'é', '漢', '𝄞', '\u2028', '\n', '\u0000'),
  }),
)
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 8, withCrossShrink: true },
    fc.oneof(text, fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('json'), { maxLength: 6 }),
    fc.dictionary(text, tie('json'), { maxKeys: 6 }),
  ),
}))

/** A JSON text in one of several layouts, with its characters escaped or not. */
const layout = fc.record({ indent: fc.constantFrom('', '\t', ' ', '\n\r'), escapes: fc.boolean() })

function written(value: unknown, { indent, escapes }: { indent: string; escapes: boolean }): string {
  const plain = JSON.stringify(value, null, indent)
  return escapes ? plain.replace(/[^\0-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`) : plain
}

/** Cuts anywhere, even within characters and escapes. */
function chunksOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const offsets = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return offsets.slice(1).map((end, i) => bytes.subarray(offsets[i], end))
}

const cuts = fc.array(fc.nat(), { maxLength: 8 })

test('counts the values and the depth of any JSON, wherever its bytes are cut', () => {
  fc.assert(
    fc.property(json, layout, cuts, (value, form, cut) => {
      const source = written(value, form)
      const expected = shapeOf(JSON.parse(source))
      const chunks = chunksOf(Buffer.from(source), cut)
      const scanner = new JsonScanner(UNLIMITED)
      for (const chunk of chunks) scanner.scan(chunk)
      expect(scanner.values).toBe(expected.values)
      const scanned = (limits: { values: number; depth: number }) => {
        const limited = new JsonScanner(limits)
        return chunks.map((chunk) => limited.scan(chunk)).find((excess) => excess !== null) ?? null
      }
      expect(scanned(expected)).toBeNull()
      if (expected.depth > 0) expect(scanned({ ...expected, depth: expected.depth - 1 })).toBe('depth')
      if (expected.values > 1) expect(scanned({ ...UNLIMITED, values: expected.values - 1 })).toBe('values')
    }),
    { numRuns: 500 },
  )
})

const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 22 }).map((all) => all.join(''))

/** A number as JSON may have it, with its value as a fraction of whole numbers. */
const number = fc
  .record({
    sign: fc.constantFrom('', '-'),
    whole: digits.map((text) => text.replace(/^0+(?=.)/, '')),
    fraction: fc.option(digits, { nil: '' }),
    exponent: fc.option(
      fc.tuple(fc.constantFrom('e', 'E'), fc.constantFrom('', '+', '-'), fc.integer({ min: 0, max: 30 })),
    ),
  })
  .map(({ sign, whole, fraction, exponent }) => ({
    text: `${sign}${whole}${fraction && `.${fraction}`}${exponent?.join('') ?? ''}`,
    value: decimal(whole + fraction, Number(exponent?.slice(1).join('') ?? 0) - fraction.length),
  }))

/** In units of 10⁻¹⁰⁰, below which none of these numbers has digits. */
const decimal = (all: string, exponent: number) => BigInt(all) * 10n ** BigInt(100 + exponent)

/** What JavaScript makes of a number's text: the shortest decimal that reads as the same double. */
function valueInJavaScript(text: string): bigint {
  const [, whole = '', fraction = '', exponent = '0'] =
    /^-?(\d+)(?:\.(\d+))?(?:e(.+))?$/.exec(String(Number(text))) ?? []
  return decimal(whole + fraction, Number(exponent) - fraction.length)
}

test('tells whether a number is lost, wherever its bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(number, fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-30, max: 1e30 })), {
        maxLength: 4,
      }),
      text,
      layout,
      cuts,
      (numbers, string, { indent }, cut) => {
        const texts = numbers.map((one) => (typeof one === 'number' ? String(one) : one.text))
        const isLost = numbers.some((one) => typeof one === 'object' && one.value !== valueInJavaScript(one.text))
        const items = [JSON.stringify(string), ...texts, 'true', `{"1e999":${['null', ...texts].at(-1)}}`]
        const scanner = new JsonScanner(UNLIMITED)
        for (const chunk of chunksOf(Buffer.from(`[${items.join(`${indent},${indent}`)}]`), cut)) scanner.scan(chunk)
        expect(scanner.losesNumbers).toBe(isLost)
      },
    ),
    { numRuns: 2_000 },
  )
})

test('names the member that it is in', () => {
  fc.assert(
    fc.property(fc.dictionary(text, json, { minKeys: 1, maxKeys: 5 }), layout, cuts, (value, form, cut) => {
      const source = written(value, form)
      const names = Object.keys(JSON.parse(source))
      const bytes = Buffer.from(source)
      const scanner = new JsonScanner(UNLIMITED)
      for (const chunk of chunksOf(bytes, cut)) scanner.scan(chunk)
      const member = bytes.subarray(scanner.memberAt).toString().trimStart()
      expect(JSON.parse(`{${member}`)).toHaveProperty([names.at(-1) ?? ''])
    }),
  )
})

test('invalid JSON does no harm', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(() => new JsonScanner({ values: 10, depth: 3 }).scan(bytes)).not.toThrow()
    }),
  )
})
