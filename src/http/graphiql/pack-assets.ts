import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort } from 'node:worker_threads'
import { css, editorWorkerService, graphqlWorker, js, jsonWorker } from '@graphql-yoga/render-graphiql/graphiql'
import { JAVASCRIPT, packFile } from '../static-file.ts'
import type { Asset } from './assets.ts'

/**
 * Runs in a thread of its own: the package is one module of 9 MB, whose strings would stay as long as the process.
 * Reading and compressing them takes most of a second.
 */
const start = readFileSync(join(import.meta.dirname, 'start.js'), 'utf8')

const assets = await Promise.all([
  pack('script', 'js', JAVASCRIPT, js),
  pack('start', 'js', JAVASCRIPT, start),
  pack('style', 'css', 'text/css; charset=utf-8', css),
  pack('editorWorker', 'js', JAVASCRIPT, editorWorkerService),
  pack('jsonWorker', 'js', JAVASCRIPT, jsonWorker),
  pack('graphqlWorker', 'js', JAVASCRIPT, graphqlWorker),
])
parentPort?.postMessage(assets)

async function pack(part: Asset['part'], extension: string, type: string, text: string): Promise<Asset> {
  // Level 9 makes it 3 % smaller in seven times the time.
  const file = await packFile(text, type, { quality: 5 })
  return { ...file, part, name: `${part}.${file.hash}.${extension}` }
}
