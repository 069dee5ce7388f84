type CalculatePrice = typeof import('@pydantic/genai-prices')['calcPrice']
type ModelPrice = NonNullable<ReturnType<CalculatePrice>>['model_price']

let loading: Promise<CalculatePrice> | null = null

export const loadPrices = () => (loading ??= import('@pydantic/genai-prices').then((module) => module.calcPrice))

/** Prices by time and model. Finding one takes longer than everything else about a message. */
const found = new Map<string, ModelPrice | null>()
const MAX_FOUND = 1_000

/** No price of the table changes within a quarter of an hour. */
const QUARTER_MS = 900_000

/**
 * The price of a model at a time, by the price table that comes with @pydantic/genai-prices: nothing is fetched over
 * the network. Null for an unknown model. The name may start with a provider: `openai/gpt-4o`.
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
 * The cost in US dollars, to 12 decimal places. Input is billed with everything before it, which is sent along each
 * time; output is billed by its own length.
 */
export async function costOf({ role, tokens, tokensBefore, model, time }: Priced): Promise<number | null> {
  const price = await findPrice(model, time)
  if (price === null) return null
  const isAnswer = role === 'ASSISTANT'
  const rate = isAnswer ? price['output_mtok'] : price['input_mtok']
  const sent = isAnswer ? tokensBefore : tokensBefore + tokens
  const perMillion = typeof rate === 'object' ? tierOf(rate, sent) : rate
  if (perMillion === undefined) return null
  // Dollars per million tokens are millionths of a dollar per token, so the rounded number is nearly always whole.
  return Math.round((isAnswer ? tokens : sent) * perMillion * 1e6) / 1e12
}

/** Some models cost more, for all tokens, if more than a certain number of them is sent. */
function tierOf({ base, tiers }: { base: number; tiers: { start: number; price: number }[] }, sent: number): number {
  return [...tiers]
    .sort((a, b) => a.start - b.start)
    .reduce((price, tier) => (sent > tier.start ? tier.price : price), base)
}
