import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { EMBEDDED_OPTIONS } from './embedded-options.ts'
import { joined } from './wire.ts'

/**
 * The thread in which the embedded database runs, because it blocks the thread it runs in. It receives messages of
 * PostgreSQL's protocol, one or several at a time, and answers each time with everything that the database returned;
 * null closes it.
 */
async function run(port: MessagePort, dataDir: string) {
  const pglite = await PGlite.create({ dataDir, ...EMBEDDED_OPTIONS })
  port.on('message', (messages: Uint8Array | null) => {
    if (messages === null) return void pglite.close().finally(() => port.close())
    const answer = exchange(pglite, messages)
    port.postMessage(answer, [answer.buffer])
  })
  port.postMessage(null)
}

/** The raw stream: PGlite's other methods also parse each answer, and keep what they have parsed. */
function exchange(pglite: PGlite, messages: Uint8Array): Uint8Array<ArrayBuffer> {
  const chunks: Uint8Array[] = []
  // It has finished when it returns: the promise is for file systems that are written to later.
  void pglite.execProtocolRawStream(messages, {
    syncToFs: false,
    // The chunks are in the database's own memory, which it reuses.
    onRawData: (chunk) => void chunks.push(chunk.slice()),
  })
  return joined(chunks)
}

// This file is never loaded anywhere else.
await run(parentPort as MessagePort, workerData)
