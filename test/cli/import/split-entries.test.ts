import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_ENTRY_BYTES, splitLines, splitList } from '../../../src/cli/import/split-entries.ts'

/** The text in pieces of this size, as a stream may bring it. */
async function* inPieces(bytes: Buffer, size: number) {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

async function toArray(pieces: AsyncIterable<Buffer | null>) {
  const all: (Buffer | null)[] = []
  for await (const piece of pieces) all.push(piece)
  return all
}

const all = async (pieces: AsyncIterable<Buffer | null>) => (await toArray(pieces)).map(String)

test('the elements of a list are found, whatever they hold, however it is written and divided', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue(), { minLength: 1 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(undefined, 1),
      async (list, size, indent) => {
        const elements = await all(splitList(inPieces(Buffer.from(JSON.stringify(list, null, indent)), size)))
        expect(elements.map((text) => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(list)))
      },
    ),
  )
})

test('lines are found however they are divided', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue()), fc.integer({ min: 1, max: 9 }), async (values, size) => {
      const lines = values.map((value) => JSON.stringify(value))
      expect(await all(splitLines(inPieces(Buffer.from(lines.join('\n')), size)))).toEqual(lines)
    }),
  )
})

test('an element that is too long is skipped, and not kept in memory', async () => {
  const long = `"${'x'.repeat(MAX_ENTRY_BYTES)}"`
  const [first, second, third] = await toArray(splitList(inPieces(Buffer.from(`[1,${long},3]`), 65_536)))
  expect([String(first), second, String(third)]).toEqual(['1', null, '3'])
})

test('white space and a byte order mark may be around a list; anything else is said, and not left out', async () => {
  const elements = (text: string) => all(splitList(inPieces(Buffer.from(text), 3)))
  expect(await elements('\ufeff [1]\r\n\t[2] \n')).toEqual(['1', '2'])
  for (const text of ['[1] garbage', '[1]\n{"messages":[]}', '[1]]', '[1] "x"'])
    await expect(elements(text)).rejects.toThrow('there is something else than a list in it')
})
