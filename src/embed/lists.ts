/** The lists and the transcript. Loaded when a page has one of them. */
import { ENGLISH } from './kit.ts'
import { LIST_TEXTS } from './lists/list-texts.ts'

export { ConversationList } from './lists/conversation-list.ts'
export { TranscriptView } from './lists/transcript-view.ts'

Object.assign(ENGLISH, LIST_TEXTS)
