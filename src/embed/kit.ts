/**
 * What the lists share with the entry. The build gives them the entry's copy, so that no code is loaded twice: files
 * that only `lists.ts` imports take from here whatever the entry has, too.
 */

export { css, html, nothing } from 'lit'
export { repeat } from 'lit/directives/repeat.js'
export { ParleyRequestError } from '../client/errors.ts'
export { toCsv } from './csv.ts'
export * from './documents.ts'
export { isAboutAccess } from './explain-error.ts'
export { formatDuration, formatNumber } from './format.ts'
