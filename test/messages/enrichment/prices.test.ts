import { calcPrice } from '@pydantic/genai-prices'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { costOf } from '../../../src/messages/enrichment/cost.ts'

const TOKENS = 1_000

/** What the table says, asked for this one time; dollars for a million tokens. */
function priceOf(model: string, time: Date, side: 'input_mtok' | 'output_mtok'): number | null {
  const found = calcPrice({}, model, { timestamp: time, providerId: 'litellm' })?.model_price[side]
  return (typeof found === 'object' ? found.base : found) ?? null
}

/** Of some the price was changed on a day, of DeepSeek's it is another one at certain hours of the day. */
const MODELS = ['deepseek-chat', 'deepseek-r1', 'o3', 'claude-opus-4-6', 'gpt-4o', 'gpt-4o-mini', 'nobody-knows']

const time = fc
  .record({
    day: fc.oneof(
      fc.constantFrom('2026-03-13', '2026-08-17', '2025-06-10'),
      fc.constantFrom('2026-01-05', '2024-06-01'),
    ),
    clock: fc.constantFrom('00:00', '00:30', '01:00', '04:00', '06:00', '10:00', '12:00', '16:30'),
    ms: fc.constantFrom(-1, 0, 1),
  })
  .map(({ day, clock, ms }) => new Date(Date.parse(`${day}T${clock}Z`) + ms))

test('a message costs what the table says of its time, whatever was asked for before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...MODELS), time, fc.boolean(), async (model, time, isAnswer) => {
      const price = priceOf(model, time, isAnswer ? 'output_mtok' : 'input_mtok')
      const role = isAnswer ? 'ASSISTANT' : 'USER'
      const cost = await costOf({ role, tokens: TOKENS, tokensBefore: 0, model, time })
      expect(cost).toBe(price === null ? null : Math.round(TOKENS * price * 1e6) / 1e12)
    }),
    { numRuns: 500 },
  )
})

test('which is not the same at each time', async () => {
  const at = (time: string) =>
    costOf({ role: 'USER', tokens: TOKENS, tokensBefore: 0, model: 'deepseek-chat', time: new Date(time) })
  expect(await at('2026-01-05T12:00:00Z')).not.toBe(await at('2026-01-05T18:00:00Z'))
})
