export { fromAISDK } from './convert/ai-sdk.ts'
export { type AnthropicOptions, fromAnthropic } from './convert/anthropic.ts'
export { fromOpenAI } from './convert/openai.ts'
export { fromTranscript } from './convert/transcript.ts'
export { ConversionError, type ConvertOptions } from './convert/values.ts'
export { type AnsweredError, ParleyRequestError } from './errors.ts'
export type * from './generated/schema-types.ts'
export type {
  AppendOptions,
  CompleteOptions,
  LoggedChat,
  LoggedConversation,
  LoggedEvent,
  LoggedMessage,
  LoggedToolCall,
  LoggedUpdate,
  Reference,
} from './logged-input.ts'
export type { LoggingError, ParleyOptions } from './options.ts'
export { Parley, type SendInput } from './parley.ts'
export type { TypedDocument } from './request.ts'
export { createSession, type Session, type SessionOptions, type SubscribeOptions } from './session.ts'
export type { FetchedToken, FetchToken } from './token-source.ts'
