import { foldName } from './fold-name.ts'

const PREFIX = 'parley_'

/** Whether a claim is one of those that lock, or looks like one: a lock that was misspelt must not open. */
export const isParleyClaim = (name: string) => foldName(name).startsWith(PREFIX)
