/**
 * What the lists and the console share with the entry. The build gives them the entry's copy, so that no code is loaded
 * twice: files that only they import take from here whatever the entry has, too.
 */

// Some of these are for directives that the entry does not have, such as `repeat`.
export { _$LH, css, html, LitElement, noChange, nothing } from 'lit'
export { Directive, directive, PartType } from 'lit/directive.js'
export { messageOf, ParleyRequestError, RETRIED_CODES } from '../client/errors.ts'
export { request } from '../client/request.ts'
export { createSession } from '../client/session.ts'
export { toCsv } from './csv.ts'
export { isAboutAccess } from './explain-error.ts'
export { formatDuration, formatNumber } from './format.ts'
export { ENGLISH } from './texts.ts'
