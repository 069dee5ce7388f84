import type { OpenAICall, OpenAIRequest } from './observe/call.ts'
import { type ObserveOptions, OpenAIConversations } from './observe/conversations.ts'
import type { Parley } from './parley.ts'

export type { OpenAIRequest } from './observe/call.ts'
export type { ObserveOptions } from './observe/conversations.ts'

/**
 * Returns a client that logs what goes through `chat.completions.create` and `responses.create`, and so through `parse`,
 * `stream` and `runTools` as well. It returns the same promises and streams as the given client, which is left as it is.
 */
export function observeOpenAI<Client extends object>(
  client: Client,
  parley: Parley,
  options: ObserveOptions = {},
): Client {
  return observed(client, parley, new OpenAIConversations(parley, options))
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the client has
type Replace = (original: any) => unknown

function observed<Client extends object>(client: Client, parley: Parley, conversations: OpenAIConversations): Client {
  const creating: Replace = (resource) =>
    replaced(resource, {
      // The helpers of the resource, such as `stream`, call `create` of its client.
      _client: () => observedClient,
      create: (create) =>
        typeof create !== 'function'
          ? create
          : (...args: unknown[]) => {
              const promise: unknown = Reflect.apply(create, resource, args)
              try {
                if (!isApiPromise(promise)) throw new Error('observeOpenAI does not know this version of openai')
                new Watcher(conversations.call(args[0] as OpenAIRequest), parley).watch(promise)
              } catch (error) {
                parley.report(error)
              }
              return promise
            },
    })
  const chat: Replace = (resource) => replaced(resource, { _client: () => observedClient, completions: creating })
  const helping: Replace = (resource) => replaced(resource, { _client: () => observedClient })
  const observedClient: Client = replaced(
    client,
    {
      chat,
      responses: creating,
      // The helpers of older versions.
      beta: (beta) => replaced(beta, { chat: (resource) => replaced(resource, { completions: helping }) }),
      withOptions: (withOptions) => (changes: unknown) =>
        observed(Reflect.apply(withOptions, client, [changes]) as Client, parley, conversations),
    },
    true,
  )
  return observedClient
}

/** The target with some of its properties replaced. Its methods run on itself if they are `bound`: they may use private fields. */
function replaced<Target extends object>(target: Target, replacements: Record<string, Replace>, bound = false): Target {
  if (typeof target !== 'object' || target === null) return target
  const replacementOf = new Map<PropertyKey, Replace>(Object.entries(replacements))
  const made = new Map<PropertyKey, { original: unknown; replacement: unknown }>()
  return new Proxy(target, {
    get(_, name) {
      const original: unknown = Reflect.get(target, name, target)
      const isMethod = bound && typeof original === 'function' && name !== 'constructor' && !Object.hasOwn(target, name)
      const replace = replacementOf.get(name) ?? (isMethod ? (method) => method.bind(target) : null)
      if (!replace || original === undefined) return original
      const earlier = made.get(name)
      if (earlier?.original === original) return earlier.replacement
      const replacement = replace(original)
      made.set(name, { original, replacement })
      return replacement
    },
    set: (_, name, value) => Reflect.set(target, name, value, target),
  })
}

/** What is used of the SDK's promise. It reads the answer only once somebody asks for it, and so it must not be asked here. */
interface ApiPromise {
  /** What `then`, `catch`, `finally` and `withResponse` call. */
  parse: () => Promise<unknown>
  asResponse: () => Promise<unknown>
  _thenUnwrap?: (transform: (value: unknown, ...rest: unknown[]) => unknown) => ApiPromise
}

interface ApiStream {
  iterator: (...args: unknown[]) => AsyncIterator<unknown>
  controller?: AbortController
}

/** Shows a call what its promise brings, on the way to who asked for it. */
class Watcher {
  readonly #call: OpenAICall
  readonly #parley: Parley
  #hasStream = false

  constructor(call: OpenAICall, parley: Parley) {
    this.#call = call
    this.#parley = parley
  }

  watch(promise: ApiPromise) {
    const { parse, asResponse, _thenUnwrap } = promise
    let parsed: Promise<unknown> | undefined
    promise.parse = () => {
      parsed ??= Reflect.apply(parse, promise, []).then(this.#answered, this.#failed)
      return parsed
    }
    promise.asResponse = () =>
      Reflect.apply(asResponse, promise, []).then((response: unknown) => response, this.#failed)
    // Helpers such as `parse` make a promise of their own out of it.
    if (_thenUnwrap)
      promise._thenUnwrap = (transform) => {
        const seen: typeof transform = (value, ...rest) => transform(this.#answered(value), ...rest)
        const derived = Reflect.apply(_thenUnwrap, promise, [seen])
        this.#safely(() => this.watch(derived))
        return derived
      }
  }

  readonly #answered = (value: unknown) => {
    this.#safely(() => {
      if (!isStream(value)) this.#call.answer(value)
      else if (!this.#hasStream) this.#watchStream(value)
    })
    return value
  }

  readonly #failed = (error: unknown): never => {
    this.#safely(() => this.#call.fail(error))
    throw error
  }

  /** Looks at the chunks of the first who iterates. */
  #watchStream(stream: ApiStream) {
    this.#hasStream = true
    const { iterator } = stream
    let isWatched = false
    stream.iterator = (...args) => {
      const chunks = Reflect.apply(iterator, stream, args)
      if (!isWatched) this.#safely(() => this.#watchChunks(chunks, stream))
      isWatched = true
      return chunks
    }
  }

  #watchChunks(chunks: AsyncIterator<unknown>, stream: ApiStream) {
    const { next, return: close } = chunks
    const seen = (result: IteratorResult<unknown>) => {
      this.#safely(() => {
        if (result.done) this.#call.end(stream.controller?.signal.aborted ?? false)
        else this.#call.add(result.value)
      })
      return result
    }
    chunks.next = (...args) => Reflect.apply(next, chunks, args).then(seen, this.#failed)
    if (close)
      chunks.return = (...args) => {
        this.#safely(() => this.#call.end(true))
        return Reflect.apply(close, chunks, args)
      }
  }

  #safely(look: () => void) {
    try {
      look()
    } catch (error) {
      this.#parley.report(error)
    }
  }
}

function isApiPromise(promise: unknown): promise is ApiPromise {
  const { parse, asResponse } = (promise ?? {}) as Partial<ApiPromise>
  return typeof parse === 'function' && typeof asResponse === 'function'
}

const isStream = (value: unknown): value is ApiStream =>
  typeof value === 'object' && value !== null && typeof (value as Partial<ApiStream>).iterator === 'function'
