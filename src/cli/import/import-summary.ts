import type { ConvertedDialogue } from './taskmaster.ts'

/** A count, and the first few names: the summary of a file of any size stays readable. */
interface Named {
  count: number
  names: string[]
}

const MAX_NAMES = 20

/** The results of an import, counted as it goes. */
export class ImportSummary {
  logged = 0
  existing = 0
  messages = 0
  toolCalls = 0
  malformedJsonTexts = 0
  incompleteToolCalls = 0
  /** Why it ended before the end of the file. */
  stopped: string | null = null
  /** Every line before this one is settled: logged, already there, refused or skipped. */
  nextLine = 1
  /** By code. */
  readonly #refusals = new Map<string, Named>()
  readonly #malformedJson: Named = { count: 0, names: [] }
  readonly #malformedLines: Named = { count: 0, names: [] }

  get refused(): number {
    return [...this.#refusals.values()].reduce((sum, { count }) => sum + count, 0)
  }

  get succeeded(): boolean {
    return this.refused === 0 && this.stopped === null
  }

  noteMalformedLine(number: number, reason: string) {
    note(this.#malformedLines, `line ${number}: ${reason}`)
  }

  /** Notes what is odd about the file itself, whether or not the conversation is stored. */
  noteRead({ input, malformedJsonTexts, incompleteToolCalls }: ConvertedDialogue) {
    this.malformedJsonTexts += malformedJsonTexts
    this.incompleteToolCalls += incompleteToolCalls
    if (malformedJsonTexts > 0) note(this.#malformedJson, `${input.externalId} (${malformedJsonTexts})`)
  }

  noteLogged({ input, toolCalls }: ConvertedDialogue) {
    this.logged += 1
    this.messages += input.messages.length
    this.toolCalls += toolCalls
  }

  noteRefused({ line, input }: ConvertedDialogue & { line: number }, code: string, message: string) {
    const refusals = this.#refusals.get(code) ?? { count: 0, names: [] }
    // The index within the call says nothing about the file.
    const problems = message.split('\n').map((problem) => problem.replace(/^input\.conversations\[\d+\]\.?/, ''))
    note(refusals, `line ${line}, ${input.externalId}: ${problems.join('; ')}`)
    this.#refusals.set(code, refusals)
  }

  toString(): string {
    const refusals = [...this.#refusals].flatMap(([code, named]) => [
      `${code} (${named.count})`,
      ...indent(shown(named)),
    ])
    const lines = [
      `Conversations logged: ${this.logged}`,
      `Conversations already there: ${this.existing}`,
      `Conversations refused: ${this.refused}`,
      ...indent(refusals),
      `Messages logged: ${this.messages}, of them tool calls: ${this.toolCalls}`,
      `Malformed JSON texts, kept as they are: ${this.malformedJsonTexts}, in conversations: ${this.#malformedJson.count}`,
      ...indent(shown(this.#malformedJson)),
      `Tool calls without a request or a response, kept: ${this.incompleteToolCalls}`,
      `Malformed lines, skipped: ${this.#malformedLines.count}`,
      ...indent(shown(this.#malformedLines)),
      ...(this.stopped === null ? [] : [`Stopped before the end: ${this.stopped}`]),
    ]
    return lines.join('\n')
  }
}

function note(named: Named, name: string) {
  named.count += 1
  if (named.names.length < MAX_NAMES) named.names.push(name)
}

function shown({ count, names }: Named): string[] {
  const more = count - names.length
  return more > 0 ? [...names, `and ${more} more`] : names
}

const indent = (lines: string[]) => lines.map((line) => `  ${line}`)
