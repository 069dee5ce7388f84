import { type ExecutionResult, type GraphQLError, getOperationAST } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import { AnswerTooLarge, ParleyError } from '../errors.ts'
import { NOBODY } from '../fairness/holder.ts'
import type { MainThread } from '../fairness/main-thread.ts'
import type { ServerContext } from '../http/client-address.ts'
import type { UnreadAnswers } from '../http/limits/unread-answers.ts'
import type { Requests } from '../http/request-log.ts'
import { type AnswerText, isAnswerText, withCost, writeAnswerText } from './answer-text.ts'

interface Options {
  requests: Requests
  unread: UnreadAnswers
  maxAnswerBytes: number
  mainThread: MainThread
}

/**
 * Writes answers within their limits, with the cost of their operation. An answer that is too large, or can't be held
 * until it is read, is refused as a whole.
 */
export function useAnswerLimits({
  requests,
  unread,
  maxAnswerBytes,
  mainThread,
}: Options): Plugin<object, ServerContext> {
  const mutations = new WeakSet<Request>()
  return {
    onExecute({ args }) {
      const isMutation = getOperationAST(args.document, args.operationName)?.operation === 'mutation'
      if (isMutation) mutations.add((args.contextValue as { request: Request }).request)
    },
    onResultProcess({ request, result, setResult, serverContext }) {
      const record = requests.get(request)
      const response = (serverContext as ServerContext).res
      const holder = record?.session?.holder ?? NOBODY
      const cost = record?.session?.cost
      const bounded = (answer: ExecutionResult, hold: 'hold' | 'holdInStream'): AnswerText => {
        const costed = (text: AnswerText) => (cost ? withCost(text, cost) : text)
        try {
          const text = costed(
            isAnswerText(answer)
              ? answer
              : mainThread.work(holder.tenantId, () => writeAnswerText(answer, maxAnswerBytes)),
          )
          if (response) unread[hold](holder, text.bytes, response)
          return text
        } catch (error) {
          if (!(error instanceof ParleyError)) throw error
          const isStored = mutations.has(request) && answer.data != null
          const refusal = isStored ? storedAllTheSame(error) : error
          if (record) record.code = String(refusal.extensions['code'])
          return costed(writeAnswerText({ data: null, errors: [refusal] }, Number.POSITIVE_INFINITY))
        }
      }
      setResult(
        isAsyncIterable(result)
          ? untilRefused(result as AsyncIterable<ExecutionResult>, (answer) => bounded(answer, 'holdInStream'))
          : bounded(result as ExecutionResult, 'hold'),
      )
    },
  }
}

/** The write was committed before it turned out that its answer can't be sent. */
function storedAllTheSame({ extensions, message }: ParleyError): ParleyError {
  const { retryAfterSeconds: _, http, ...shown } = extensions
  return new ParleyError(
    shown['code'] as 'LIMIT_EXCEEDED',
    `The write is stored, but its answer can't be sent: ${message.replace(/ Try again in .*$/, '')} Read what you need in another request.`,
    { ...shown, stored: true, ...(http ? { http: { status: 503 } } : {}) },
  )
}

/** A stream ends with the first answer that is refused. */
function untilRefused(
  answers: AsyncIterable<ExecutionResult>,
  bounded: (answer: ExecutionResult) => AnswerText,
): AsyncIterableIterator<ExecutionResult> {
  const iterator = answers[Symbol.asyncIterator]()
  const end = async (): Promise<IteratorReturnResult<undefined>> => {
    await iterator.return?.()
    return { done: true, value: undefined }
  }
  let isRefused = false
  return {
    async next() {
      if (isRefused) return end()
      const next = await iterator.next()
      if (next.done) return next
      const answer = bounded(next.value)
      isRefused = isRefusal(answer.errors)
      return { done: false, value: answer }
    },
    return: end,
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

const isRefusal = (errors: readonly GraphQLError[] = []) =>
  errors.some((error) => error instanceof AnswerTooLarge || error.extensions['code'] === 'OVERLOADED')
