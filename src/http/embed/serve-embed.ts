import type { Plugin } from 'graphql-yoga'
import { type FileAnswer, PLAIN_TEXT, refusedMethod, type ServeFilesOptions, useFiles } from '../serve-files.ts'
import { answerFile } from '../static-file.ts'
import { EMBED_FOLDER, embedBundle } from './embed-bundle.ts'

export const EMBED_PATH = `${EMBED_FOLDER}v1.js`

/** Scripts for pages of any origin. They are the same for everybody, and have no data in them. */
const COMMON = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' }

/** Serves the web components. */
export const useEmbed = (options: ServeFilesOptions): Plugin =>
  useFiles(options, (request, pathname) =>
    pathname.startsWith(EMBED_FOLDER) ? answer(request, pathname.slice(EMBED_FOLDER.length)) : null,
  )

async function answer(request: Request, name: string): Promise<FileAnswer> {
  const refused = refusedMethod(request, COMMON)
  if (refused) return refused
  const { version, name: current, files } = await embedBundle()
  const found = files.get(name)
  if (found) return answerFile(found.file, request, { ...COMMON, 'cache-control': found.cacheControl })
  const body = `This server has version ${version} of the components, as v1.js and ${current}, and no ${JSON.stringify(name)}.\n`
  return { body, status: 404, headers: { ...PLAIN_TEXT, ...COMMON, 'cache-control': 'no-cache' } }
}
