/** What went wrong while logging. Logging itself never throws. */
export interface LoggingError {
  /**
   * `DROPPED`: writes were given up because the queue was full or the process ended. `INVALID`: what was given can't be
   * sent. `UNREACHABLE`: there is no answer; it is tried again. Any other is a code of Parley's.
   */
  code: string
  message: string
  /** How many calls are lost by it; 0 if none. */
  count: number
  /** The conversation that it is about, by the external id or id that it was logged with; null if not of one. */
  conversation?: string | null
  /** The input that was refused, such as `input.messages[2].chat.rating`, if Parley names it. */
  inputPath?: string | null
}

export interface ParleyOptions {
  /** The GraphQL endpoint, such as `https://parley.example/graphql`. */
  url: string
  /** An API key with the scope CONVERSATIONS_WRITE, such as `process.env.PARLEY_KEY`. It must stay in the back end. */
  apiKey: string | undefined
  /** The tenant to log into. Only for account keys, which belong to no tenant. */
  tenantId?: string
  /** Called for every failure of logging. Default: a warning on the console. */
  onError?: (error: LoggingError) => void
  /** How much may wait to be sent, in bytes of JSON. If there is more, the oldest is dropped. Default: 8 MB. */
  maxQueueBytes?: number
  /** So many calls are sent at once, and no more in one request. At most 500, which is the default. */
  flushAt?: number
  /** How long a call may wait for others, in milliseconds. Default: 1,000. */
  flushIntervalMs?: number
  /** How long one attempt may take, in milliseconds. Default: 15,000. */
  timeoutMs?: number
  /** Of a serverless or edge runtime: keeps the function alive until the promise has settled. */
  waitUntil?: (promise: Promise<unknown>) => void
  /** Default: the global `fetch`. */
  fetch?: typeof fetch
}

/** The default, if it is not a number: a setting that is missing in the environment becomes NaN. */
export const numberOr = (value: number | undefined, otherwise: number) =>
  typeof value === 'number' && !Number.isNaN(value) ? value : otherwise
