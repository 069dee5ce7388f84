import { html, type TemplateResult } from 'lit'

/** Characters that nobody sees, or takes for a plain space, or that reorder their neighbours. */
const HIDDEN = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu
/** Parts of an emoji. */
const IN_EMOJI =
  /(?<=\p{Extended_Pictographic}\p{Emoji_Modifier}?)(?:\uFE0F?\u200D(?=\p{Extended_Pictographic})|\uFE0F)/gu
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u

/** Makes hidden characters visible, such as ‹U+202E›, so that two texts that differ also look different. */
export function visible(text: string): string {
  const ofEmoji = new Set<number>()
  for (const { index, 0: joiners } of text.matchAll(IN_EMOJI))
    for (let offset = 0; offset < joiners.length; offset += 1) ofEmoji.add(index + offset)
  return text.replace(HIDDEN, (character, index: number) =>
    ofEmoji.has(index) || isPlainSpace(text, index) ? character : codeOf(character),
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
