import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort } from 'node:worker_threads'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { css, editorWorkerService, graphqlWorker, js, jsonWorker } from '@graphql-yoga/render-graphiql/graphiql'
import type { Asset } from './assets.ts'

/**
 * Runs in a thread of its own: the package is one module of 9 MB, whose strings would stay as long as the process.
 * Reading and compressing them takes most of a second.
 */
const JAVASCRIPT = 'text/javascript; charset=utf-8'

const start = readFileSync(join(import.meta.dirname, 'start.js'), 'utf8')

parentPort?.postMessage([
  pack('script', 'js', JAVASCRIPT, js),
  pack('start', 'js', JAVASCRIPT, start),
  pack('style', 'css', 'text/css; charset=utf-8', css),
  pack('editorWorker', 'js', JAVASCRIPT, editorWorkerService),
  pack('jsonWorker', 'js', JAVASCRIPT, jsonWorker),
  pack('graphqlWorker', 'js', JAVASCRIPT, graphqlWorker),
])

function pack(part: Asset['part'], extension: string, type: string, text: string): Asset {
  const identity = Buffer.from(text)
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 32)
  // Level 9 makes it 3 % smaller in seven times the time.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: identity.length }
  const bodies = { identity, gzip: gzipSync(identity), br: brotliCompressSync(identity, { params }) }
  return { part, name: `${part}.${hash}.${extension}`, type, hash, bodies }
}
