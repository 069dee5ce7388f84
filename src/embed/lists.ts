/** The lists and the transcript. Loaded when a page has one of them. */

export { ConversationList } from './lists/conversation-list.ts'
export { TranscriptView } from './lists/transcript-view.ts'
