import { once } from 'node:events'
import { createWriteStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { convertDialogue, parseDialogue } from '../../src/cli/import/formats/taskmaster.ts'

const SAMPLE = join(import.meta.dirname, '../data/taskmaster-sample.jsonl')
const ANY_TIME = { start: new Date('2025-01-01'), end: new Date('2025-02-01') }

/**
 * Writes a Taskmaster-4 file of so many messages, or a few more, since conversations are whole: the dialogues of the sample
 * over and over, each with an id and a first text of its own.
 */
export async function writeTaskmasterFile(file: string, messages: number) {
  const dialogues = readFileSync(SAMPLE, 'utf8').trim().split('\n').map(template)
  const stream = createWriteStream(file)
  const written = { conversations: 0, messages: 0 }
  while (written.messages < messages) {
    for (const dialogue of dialogues) {
      if (written.messages >= messages) break
      written.conversations += 1
      written.messages += dialogue.messages
      if (!stream.write(`${dialogue.line(written.conversations)}\n`)) await once(stream, 'drain')
    }
  }
  stream.end()
  await finished(stream)
  return written
}

function template(line: string) {
  const dialogue = parseDialogue(JSON.parse(line))
  const [before = '', ...after] = line.split('"text": "')
  const [head = '', tail = ''] = before.split(dialogue.conversation_id)
  const rest = `${tail}"text": "order`
  const said = after.join('"text": "')
  return {
    messages: convertDialogue(dialogue, ANY_TIME).input.messages.length,
    line: (number: number) => `${head}dlg-${String(number).padStart(9, '0')}${rest} ${number}: ${said}`,
  }
}

/** By itself: `node test/bench/taskmaster-file.ts --file FILE [--messages 1000000]` */
if (import.meta.main) {
  const { values } = parseArgs({
    options: { file: { type: 'string' }, messages: { type: 'string', default: '1000000' } },
  })
  if (!values.file) throw new Error('--file is missing')
  console.log(await writeTaskmasterFile(values.file, Number(values.messages)))
}
