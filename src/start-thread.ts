import { setFlagsFromString } from 'node:v8'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Starts a thread. V8 ends the process (`Check failed: jit_page.has_value()`) if two threads run WebAssembly and one of
 * them frees compiled code that the other also uses: nodejs/node#64500. The embedded database is WebAssembly, and so are
 * Prisma's query compiler, the parser of `fetch` and what strips the types of a thread's file. So from here on, none is
 * freed before its module is.
 */
export function startThread(file: URL, options?: WorkerOptions): Worker {
  setFlagsFromString('--no-wasm-code-gc')
  return new Worker(file, options)
}
