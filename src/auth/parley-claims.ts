import { foldName } from './fold-name.ts'

const PREFIX = 'parley_'

/** Whether a claim restricts rows, or looks as if it should: a misspelt restriction must not be ignored. */
export const isParleyClaim = (name: string) => foldName(name).startsWith(PREFIX)
