/** Whether a task would load the same again. First comes the session, which is itself and no other; the rest is JSON. */
export const sameArguments = ([session, ...rest]: readonly unknown[], [next, ...others]: readonly unknown[]): boolean =>
  session === next && JSON.stringify(rest) === JSON.stringify(others)
