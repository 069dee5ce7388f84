import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'

/**
 * Loaded before a command (`node --import`). Compiled code is cached for the next start. Of the WebAssembly in the
 * embedded database and Prisma's query compiler, only code that has run for long is compiled a second time, to be
 * faster: V8's own budget, a seventieth of this one, spends two fifths of the CPU of a start on code that has hardly
 * begun to run.
 *
 * This file is JavaScript, unlike all others. Cached files need no type stripping, but this one is read before there is
 * a cache: for this file only, Node would load the type stripper, which takes 0.15 s.
 */
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/compiled'))
setFlagsFromString('--wasm-tiering-budget=1000000000')
