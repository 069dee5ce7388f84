import { ConversionError } from './values.ts'

type Role = 'USER' | 'ASSISTANT' | 'SYSTEM'

/** The role of each label. "Agent" is the AI agent here, as everywhere in this API. */
const LABELS: Record<Role, readonly string[]> = {
  USER: ['User', 'Human', 'Customer', 'Visitor', 'Client', 'Guest'],
  ASSISTANT: ['Assistant', 'AI', 'Agent', 'Bot', 'Chatbot'],
  SYSTEM: ['System'],
}

const ROLES = new Map(
  Object.entries(LABELS).flatMap(([role, labels]) => labels.map((label) => [label.toLowerCase(), role as Role])),
)

/** Whitespace and invisible marks: exports put the direction of the text before a line. */
const BLANK = String.raw`[\s\p{Cf}]*`
/** Colons of Latin, Chinese and Japanese keyboards. */
const COLON = '[:：﹕]'

// With the flag `s`, because `.` does not match U+2028, which is an ordinary character in pasted text.
const LABELLED = new RegExp(`^${BLANK}(${[...ROLES.keys()].join('|')})${BLANK}${COLON}[ \\t]?(.*)$`, 'isu')

/** What may come before a label: a time, perhaps in brackets, list or emphasis marks, emoji. No quotation marks. */
const BEFORE_LABEL = String.raw`(?:\[[^\]]{1,40}\]|\([^)]{1,40}\))?(?:[^\p{L}"'“”„«‘’]|(?<=\d)[TZ]){0,40}(?<!\p{N})`
const IN_WORD = String.raw`\p{L}\p{M}\p{N}.,'’_&/@+\-`

/** One to five words before a colon that is not part of a URL or a time. */
const LIKE_A_LABEL = new RegExp(
  String.raw`^${BLANK}${BEFORE_LABEL}(\p{L}[${IN_WORD}]{0,60}(?: [${IN_WORD}()#]{1,30}){0,4})[*_\])>]*${BLANK}${COLON}` +
    String.raw`(?!\/\/|(?<=\d${COLON})\d)`,
  'u',
)

/** How many characters of a line are checked for a label. */
const LABEL_WITHIN = 200

interface Line {
  number: number
  text: string
}

/**
 * Parses a text transcript: each message starts on a line with a label (`User:`, `Assistant:` and others), and a line
 * without one continues the message above. Blank lines at the end of a message are dropped. Text that looks like an
 * unknown label and recurs is refused, because it would disappear in the message above.
 */
export function fromTranscript(transcript: string): { chat: { role: Role; content: string } }[] {
  if (typeof transcript !== 'string') throw refused('must be a text')
  const messages: { role: Role; lines: string[] }[] = []
  const others: Line[] = []
  for (const [index, line] of transcript.split(/\r\n|\r|\n/).entries()) {
    const [, label = '', text = ''] = LABELLED.exec(line) ?? []
    const role = ROLES.get(label.toLowerCase())
    if (role) messages.push({ role, lines: [text] })
    else if (messages.length > 0) {
      messages.at(-1)?.lines.push(line)
      others.push({ number: index + 1, text: line })
    } else if (line.trim() !== '') {
      throw refused(`line ${index + 1} has no label such as "User:" or "Assistant:", and no message above it.`)
    }
  }
  if (messages.length === 0) throw refused('has no messages.')
  refuseUnknownLabels(others)
  return messages.map(({ role, lines }) => ({ chat: { role, content: lines.join('\n').trimEnd() } }))
}

const refused = (problem: string) => new ConversionError('transcript', problem)

function refuseUnknownLabels(lines: readonly Line[]) {
  const seen = new Map<string, number>()
  for (const { number, text } of lines) {
    const label = LIKE_A_LABEL.exec(text.slice(0, LABEL_WITHIN))?.[1]
    if (label === undefined) continue
    const first = seen.get(label.toLowerCase())
    if (first === undefined) seen.set(label.toLowerCase(), number)
    else {
      const known = Object.values(LABELS).flat().join(', ')
      const problem = ROLES.has(label.toLowerCase())
        ? 'which is only a label if nothing comes before it. Remove what comes before it'
        : `which looks like a label, but is not one of ${known}. Use one of these`
      throw refused(
        `lines ${first} and ${number} begin with "${label}:", ${problem}, or use \`messages\` if it is just text.`,
      )
    }
  }
}
