import type { Converted } from './formats/format.ts'
import type { ReadConversation } from './read-batches.ts'
import type { EntryKind } from './read-entries.ts'

/** A count, and the first few names: the summary of a file of any size stays readable. */
interface Named {
  count: number
  names: string[]
  /** How many more names there are. */
  unnamed: number
}

const MAX_NAMES = 20

/** The results of an import, counted as it goes. */
export class ImportSummary {
  logged = 0
  existing = 0
  messages = 0
  toolCalls = 0
  /** Why it ended before the end of the file. */
  stopped: string | null = null
  /** Every entry of the file before this one is settled: logged, already there, refused or skipped. */
  next = 1
  readonly entryKind: EntryKind
  /** By code. */
  readonly #refusals = new Map<string, Named>()
  /** By kind. */
  readonly #losses = new Map<string, Named>()
  readonly #repeated: Named = { count: 0, names: [], unnamed: 0 }
  readonly #malformed: Named = { count: 0, names: [], unnamed: 0 }

  constructor(entryKind: EntryKind) {
    this.entryKind = entryKind
  }

  get refused(): number {
    return sumOf(this.#refusals)
  }

  get succeeded(): boolean {
    const isWhole = this.refused === 0 && this.#repeated.count === 0 && this.#malformed.count === 0
    return isWhole && this.stopped === null
  }

  noteMalformed(number: number, reason: string) {
    note(this.#malformed, `${this.entryKind} ${number}: ${reason}`)
  }

  /** Notes what is lost of a conversation, whether or not it is stored. */
  noteRead({ input, losses }: Converted) {
    for (const kind of new Set(losses)) {
      const count = losses.filter((loss) => loss === kind).length
      noteBy(this.#losses, kind, count > 1 ? `${input.externalId} (${count})` : input.externalId, count)
    }
  }

  noteLogged({ input }: Converted) {
    this.logged += 1
    this.messages += input.messages.length
    this.toolCalls += input.messages.filter(({ tool }) => tool).length
  }

  /** Of conversations with the same id, one is stored. */
  noteRepeated({ entry, input }: ReadConversation, first: number) {
    note(this.#repeated, `${this.entryKind} ${entry}, ${input.externalId}: the id of ${this.entryKind} ${first}`)
  }

  noteRefused({ entry, input }: ReadConversation, code: string, message: string) {
    // The index within the call says nothing about the file.
    const problems = message.split('\n').map((problem) => problem.replace(/^input\.conversations\[\d+\](?:\.|: )?/, ''))
    noteBy(this.#refusals, code, `${this.entryKind} ${entry}, ${input.externalId}: ${problems.join('; ')}`)
  }

  toString(): string {
    const lines = [
      `Conversations logged: ${this.logged}`,
      `Conversations already there: ${this.existing}`,
      `Conversations refused: ${this.refused}`,
      ...shownBy(this.#refusals),
      ...(this.#repeated.count === 0 ? [] : [`Ids that repeat, of which one is stored: ${this.#repeated.count}`]),
      ...indent(shown(this.#repeated)),
      `Messages logged: ${this.messages}, of them tool calls: ${this.toolCalls}`,
      `Left out or changed: ${sumOf(this.#losses)}`,
      ...shownBy(this.#losses),
      `Malformed ${this.entryKind}s, skipped: ${this.#malformed.count}`,
      ...indent(shown(this.#malformed)),
      ...(this.stopped === null ? [] : [`Stopped before the end: ${this.stopped}`]),
    ]
    return lines.join('\n')
  }
}

const sumOf = (byKind: Map<string, Named>) => [...byKind.values()].reduce((sum, { count }) => sum + count, 0)

function noteBy(byKind: Map<string, Named>, kind: string, name: string, count = 1) {
  const named = byKind.get(kind) ?? { count: 0, names: [], unnamed: 0 }
  note(named, name, count)
  byKind.set(kind, named)
}

function note(named: Named, name: string, count = 1) {
  named.count += count
  if (named.names.length < MAX_NAMES) named.names.push(name)
  else named.unnamed += 1
}

const shownBy = (byKind: Map<string, Named>) =>
  indent([...byKind].flatMap(([kind, named]) => [`${kind} (${named.count})`, ...indent(shown(named))]))

function shown({ names, unnamed }: Named): string[] {
  return unnamed > 0 ? [...names, `and ${unnamed} more`] : names
}

const indent = (lines: string[]) => lines.map((line) => `  ${line}`)
