/** The lists and the transcript. Loaded when a page has one of them. */

import { html } from './kit.ts'

export const placeholder = () => html``
