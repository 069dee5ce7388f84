/** As in graphql-js, anything with a method `then`: Prisma's queries are not instances of Promise. */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'

/**
 * Handles the promises in a value that is discarded, because a rejected promise that nobody handles ends the process.
 */
export function handleRejections(value: unknown, handled = new WeakSet<object>()): void {
  if (typeof value !== 'object' || value === null || handled.has(value)) return
  handled.add(value)
  if (isThenable(value)) {
    Promise.resolve(value)
      .then((answer) => handleRejections(answer, handled))
      .catch(() => {})
    return
  }
  for (const { value: inside } of Object.values(Object.getOwnPropertyDescriptors(value)))
    handleRejections(inside, handled)
}
