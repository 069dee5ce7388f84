/**
 * The names of internal events at the stages of a voice agent's answer, in their order, and of what cuts it short.
 * Times between them are measured.
 */
export const VOICE_EVENTS = ['STT_FINAL', 'LLM_REQUEST', 'LLM_FIRST_TOKEN', 'TTS_STREAM', 'INTERRUPTION'] as const

export type VoiceEvent = (typeof VOICE_EVENTS)[number]
