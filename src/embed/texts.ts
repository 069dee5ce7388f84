import { DASHBOARD_TEXTS } from './dashboard/dashboard-texts.ts'
import { MEASURE_TEXTS } from './measure-texts.ts'
import { SERIES_TEXTS } from './series-texts.ts'

/** Every text of the components, in English. Names in braces are replaced. */
export const ENGLISH = {
  retry: 'Try again',
  empty: 'Nothing in this period yet.',
  unauthorized: 'You have no access to this.',
  error: 'This could not be loaded.',
  errorCode: 'Code: {code}',
  errorUnreachable: 'The server can’t be reached.',
  errorOrigin: 'The origin {origin} is not allowed. Add it to the allowed origins of the tenant or of the server.',
  errorToken: 'There is no token: {reason}',
  loading: 'Loading…',
  conversations: 'Conversations',
  conversationCount: '{count} conversations',
  conversationCountOne: '1 conversation',
  conversationsEmpty: 'No conversations in this period yet.',
  newConversations: '{count} new',
  endOfList: 'That’s all of them.',
  moreFailed: 'More could not be loaded.',
  untitled: 'No messages yet',
  messageCount: '{count} messages',
  messageCountOne: '1 message',
  conversationMissing: 'This conversation doesn’t exist or was deleted.',
  conversationNone: 'Choose a conversation.',
  transcript: 'Transcript',
  transcriptEmpty: 'There are no messages yet.',
  earlierMessages: 'Earlier messages',
  newMessages: 'New messages',
  duration: 'Duration {duration}',
  toolCall: 'Tool call',
  toolFailed: 'Failed',
  toolInput: 'Input',
  toolOutput: 'Output',
  toolError: 'Error',
  attachments: 'Attachments',
  attachment: 'Attachment',
  ratingGood: 'Rated good',
  ratingNeutral: 'Rated neutral',
  ratingBad: 'Rated bad',
  roleUser: 'Customer',
  roleAssistant: 'Assistant',
  roleHumanAgent: 'Human agent',
  roleSystem: 'System prompt',
  statusQueued: 'Queued',
  statusRinging: 'Ringing',
  statusActive: 'Active',
  statusCompleted: 'Completed',
  statusAbandoned: 'Abandoned',
  statusFailed: 'Failed',
  statusDeclined: 'Declined',
  statusMissed: 'Missed',
  channelChat: 'Chat',
  channelTicket: 'Ticket',
  channelVoice: 'Voice',
  channelEmail: 'Email',
  channelOther: 'Other',
  sentimentPositive: 'Positive',
  sentimentNeutral: 'Neutral',
  sentimentNegative: 'Negative',
  outcomeBotHandled: 'Handled by the agent',
  outcomeHumanAgent: 'Handed to a person',
  outcomeEmail: 'Handed over to email',
  outcomeCustomEscalation: 'Escalated',
  outcomeFailedEscalation: 'Escalation failed',
  resolutionInformed: 'Informed',
  resolutionResolved: 'Resolved',
  resolutionEscalated: 'Passed on',
  resolutionUndefined: 'Resolution unknown',
  ...SERIES_TEXTS,
  ...MEASURE_TEXTS,
  ...DASHBOARD_TEXTS,
}

export type Texts = typeof ENGLISH

/** Gives a text, with what its names stand for. */
export type Text = (name: keyof Texts, values?: Record<string, string | number>) => string

/** The text with what its names stand for. */
export const fill = (text: string, values: Record<string, string | number>): string =>
  text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
