import { fromTranscript } from '../client/convert/transcript.ts'
import { ConversionError } from '../client/convert/values.ts'
import { badInput, type InputPath } from '../errors.ts'
import type { MessageInput } from '../messages/parse-messages.ts'

/** Parses a text transcript as the client does, which can also log it as messages. */
export function parseTranscript(transcript: string, path: InputPath): MessageInput[] {
  try {
    return fromTranscript(transcript)
  } catch (error) {
    if (error instanceof ConversionError) throw badInput(path, error.problem)
    throw error
  }
}
