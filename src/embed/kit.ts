/**
 * What the lists share with the entry. The build gives them the entry's copy, so that no code is loaded twice: files
 * that only `lists.ts` imports take from here whatever the entry has, too.
 */

// Some of these are for `repeat`, which only the lists have.
export { _$LH, css, html, noChange, nothing } from 'lit'
export { Directive, directive, PartType } from 'lit/directive.js'
export { ParleyRequestError } from '../client/errors.ts'
export { toCsv } from './csv.ts'
export { isAboutAccess } from './explain-error.ts'
export { formatDuration, formatNumber } from './format.ts'
export { ENGLISH } from './texts.ts'
