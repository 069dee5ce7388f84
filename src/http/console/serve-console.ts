import type { Plugin } from 'graphql-yoga'
import { embedBundle } from '../embed/embed-bundle.ts'
import { type FileAnswer, refusedMethod, type ServeFilesOptions, useFiles } from '../serve-files.ts'
import { answerFile, IMMUTABLE } from '../static-file.ts'
import { PAGE_HEADERS, renderPage } from './console-page.ts'

export const CONSOLE_PATH = '/console'
const FOLDER = `${CONSOLE_PATH}/`

const SCRIPT_HEADERS = { 'cache-control': IMMUTABLE, 'cross-origin-resource-policy': 'same-origin' }

/** Serves the page for administrators and its script. */
export const useConsole = (options: ServeFilesOptions): Plugin =>
  useFiles(options, (request, pathname) =>
    pathname === CONSOLE_PATH || pathname.startsWith(FOLDER) ? answer(request, pathname) : null,
  )

async function answer(request: Request, pathname: string): Promise<FileAnswer | null> {
  const refused = refusedMethod(request, { 'cache-control': 'no-store' })
  if (refused) return refused
  // The page's relative URLs would not resolve from here.
  if (pathname === FOLDER) return { body: null, status: 308, headers: { ...PAGE_HEADERS, location: '../console' } }
  const { console: script, entryUrl } = await embedBundle()
  if (pathname === CONSOLE_PATH) {
    const body = renderPage({ script: `console/${script.name}`, entry: `embed/${entryUrl}` })
    return { body, status: 200, headers: { ...PAGE_HEADERS } }
  }
  if (pathname !== `${FOLDER}${script.name}`) return null
  return answerFile(script.file, request, SCRIPT_HEADERS)
}
