import type { Assets } from './assets.ts'
import { firstQuery } from './first-query.ts'

/** Everything comes from this server. Monaco writes its styles into elements and attributes as it draws. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** For the workers, which have a policy of their own: they only compute. */
export const ASSET_POLICY = "default-src 'none'; frame-ancestors 'none'"

/** `folder`: where the assets are, relative to the page. */
export function renderPage(assets: Awaited<ReturnType<Assets['names']>>, folder: string): string {
  // The labels are Monaco's.
  const workers = {
    editorWorkerService: assets.editorWorker,
    json: assets.jsonWorker,
    graphql: assets.graphqlWorker,
  }
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Parley</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${folder}${assets.style}">
    <script defer src="${folder}${assets.script}"></script>
    <script defer src="${folder}${assets.start}" data-query="${escaped(firstQuery)}" data-workers="${escaped(JSON.stringify(workers))}"></script>
  </head>
  <body class="no-focus-outline">
    <noscript>GraphiQL needs JavaScript.</noscript>
    <div id="root"></div>
  </body>
</html>
`
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
