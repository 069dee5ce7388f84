import { html, type TemplateResult } from 'lit'

/** Characters that nobody sees, or takes for a plain space, or that reorder their neighbours. */
const HIDDEN = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu
/** Parts of an emoji. */
const IN_EMOJI =
  /(?<=\p{Extended_Pictographic}\p{Emoji_Modifier}?)(?:\uFE0F?\u200D(?=\p{Extended_Pictographic})|\uFE0F)/gu
/** Between Arabic letters that would join: the first is none of those that never join the next. */
const BETWEEN_ARABIC =
  /(?<=(?=\p{L})(?![\u0621-\u0625\u0627\u0629\u062F-\u0632\u0648\u0671-\u0677\u0688-\u0699\u06C0\u06C3-\u06CB\u06CD\u06CF\u06D2-\u06D5\u06EE\u06EF])[\u0620-\u06FF]\p{M}*)\u200C(?=\p{L})(?![\u0621\u0674])(?=[\u0620-\u06FF])/gu
/** After an Indic virama. */
const AFTER_VIRAMA =
  /(?<=[\u094D\u09CD\u0A4D\u0ACD\u0B4D\u0BCD\u0C4D\u0CCD\u0D4D\u0DCA])[\u200C\u200D](?=\p{L})(?=[\u0900-\u0DFF])/gu
/** Hidden characters that can be told by how their neighbours are drawn. */
const SHAPING = [IN_EMOJI, BETWEEN_ARABIC, AFTER_VIRAMA]
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u

/** Makes hidden characters visible, such as ‹U+202E›, so that two texts that differ also look different. */
export function visible(text: string): string {
  const shown = new Set<number>()
  for (const { index, 0: joiners } of SHAPING.flatMap((pattern) => [...text.matchAll(pattern)]))
    for (let offset = 0; offset < joiners.length; offset += 1) shown.add(index + offset)
  return text.replace(HIDDEN, (character, index: number) =>
    shown.has(index) || isPlainSpace(text, index) ? character : codeOf(character),
  )
}

/** Whether a space is one that a browser shows: it is between two words, and no other is beside it. */
const isPlainSpace = (text: string, index: number) =>
  text[index] === ' ' && index > 0 && index < text.length - 1 && text[index - 1] !== ' '

const codeOf = (character: string) =>
  `‹U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`

/** Somebody else's text, such as a name or an id. It can't change the order of the texts around it. */
export const shownName = (text: string): TemplateResult => html`<bdi>${visible(text)}</bdi>`

/** The same as plain text, such as for a heading or a label. */
export const nameText = (text: string): string =>
  RIGHT_TO_LEFT.test(text) ? `\u2068${visible(text)}\u2069` : visible(text)

/** What somebody types who sees the text: without hidden characters, and with single spaces. */
export const typedForm = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replace(/[\s\p{Z}\p{Cc}\u2800]+/gu, ' ')
    .trim()
