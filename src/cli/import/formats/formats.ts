import { type EntryKind, parseEntry, readEntries } from '../read-entries.ts'
import { chatgpt } from './chatgpt.ts'
import { type Format, MalformedEntry } from './format.ts'
import { ndjson } from './ndjson.ts'
import { openaiJsonl } from './openai-jsonl.ts'
import { taskmaster } from './taskmaster.ts'

/** In this order, a file is asked for its format: several have `messages`. */
export const FORMATS: readonly Format[] = [taskmaster, chatgpt, ndjson, openaiJsonl]

export const formatNames = FORMATS.map(({ name }) => name)

/** The first entries may be malformed. */
const MAX_ENTRIES_READ = 20

/** The format of the first entry that has a known one; if there is none, why the first entry has none. */
export async function detectFormat(file: string, kind: EntryKind): Promise<Format | string> {
  let problem = 'it is empty'
  for await (const { number, position, bytes } of readEntries(file, kind)) {
    const format = recognise(bytes)
    if (typeof format !== 'string') return format
    if (position === 0) problem = `${kind} ${number} ${format}`
    if (position + 1 >= MAX_ENTRIES_READ) break
  }
  return problem
}

function recognise(bytes: Buffer | null): Format | string {
  try {
    const value = parseEntry(bytes, JSON.parse)
    return FORMATS.find((format) => format.recognises(value)) ?? 'holds no conversation of a known format'
  } catch (error) {
    if (error instanceof MalformedEntry) return error.message
    throw error
  }
}
