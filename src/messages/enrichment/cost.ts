type CalculatePrice = typeof import('@pydantic/genai-prices')['calcPrice']
type ModelPrice = NonNullable<ReturnType<CalculatePrice>>['model_price']

let loading: Promise<CalculatePrice> | null = null

export const loadPrices = () => (loading ??= import('@pydantic/genai-prices').then((module) => module.calcPrice))

/** Prices as they were at the time, by model; finding one takes longer than everything else about a message. */
const found = new Map<string, ModelPrice | null>()
const MAX_FOUND = 1_000

/** No price of the table changes within a quarter of an hour. */
const QUARTER_MS = 900_000

/**
 * What a model cost at a time, by the price table of @pydantic/genai-prices, which comes with the package: nothing is asked
 * over the network. Null for a model that it does not know. A provider may stand before the name: `openai/gpt-4o`.
 */
async function findPrice(model: string, time: Date): Promise<ModelPrice | null> {
  const calculate = await loadPrices()
  const key = `${Math.floor(time.getTime() / QUARTER_MS)} ${model}`
  const known = found.get(key)
  if (known !== undefined) return known
  const price = calculate({}, model, { timestamp: time, providerId: 'litellm' })?.model_price ?? null
  if (found.size >= MAX_FOUND) found.clear()
  found.set(key, price)
  return price
}

export interface Priced {
  role: 'SYSTEM' | 'USER' | 'ASSISTANT'
  tokens: number
  /** Of the messages before it. */
  tokensBefore: number
  model: string
  time: Date
}

/**
 * US dollars, to 12 decimals. What goes to the model is paid with all that stands before it, which is sent along each time;
 * what it answers by its own length.
 */
export async function costOf({ role, tokens, tokensBefore, model, time }: Priced): Promise<number | null> {
  const price = await findPrice(model, time)
  if (price === null) return null
  const isAnswer = role === 'ASSISTANT'
  const rate = isAnswer ? price['output_mtok'] : price['input_mtok']
  const sent = isAnswer ? tokensBefore : tokensBefore + tokens
  const perMillion = typeof rate === 'object' ? tierOf(rate, sent) : rate
  if (perMillion === undefined) return null
  // Dollars for a million tokens, so as many millionths of a dollar for one: whole numbers of what is rounded to, nearly always.
  return Math.round((isAnswer ? tokens : sent) * perMillion * 1e6) / 1e12
}

/** Some models cost more, the whole of it, where more than so many tokens are sent. */
function tierOf({ base, tiers }: { base: number; tiers: { start: number; price: number }[] }, sent: number): number {
  return [...tiers]
    .sort((a, b) => a.start - b.start)
    .reduce((price, tier) => (sent > tier.start ? tier.price : price), base)
}
