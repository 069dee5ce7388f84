import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'

/**
 * Loaded before a command (`node --import`). What it compiles is kept for its next start; and of the WebAssembly that the
 * embedded database and Prisma's query compiler are, only what has run for long is compiled a second time, to be faster:
 * V8's own budget, a seventieth, spends two fifths of the CPU of a start on code that has hardly begun to run.
 *
 * In JavaScript, unlike all else: what the cache has of a file needs no types taken out any more, and for this one alone, which
 * is read before there is a cache, Node would load what takes them out, 0.15 s.
 */
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/compiled'))
setFlagsFromString('--wasm-tiering-budget=1000000000')
