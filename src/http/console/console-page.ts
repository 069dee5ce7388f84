/** Only this server's own scripts run in the page, and they may not create markup from text. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  // The policy of Lit. The page has one copy of it: a second one could not create the policy again.
  'trusted-types lit-html',
].join('; ')

const PERMISSIONS = [
  // To copy a new key.
  'clipboard-write=(self)',
  ...['camera', 'clipboard-read', 'display-capture', 'geolocation', 'microphone', 'payment', 'usb'].map(
    (feature) => `${feature}=()`,
  ),
].join(', ')

export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': POLICY,
  'permissions-policy': PERMISSIONS,
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** `script`, and `entry`, which it imports, are relative to the page, so that a proxy can serve it below any path. */
export const renderPage = ({ script, entry }: { script: string; entry: string }) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Parley console</title>
    <link rel="icon" href="data:,">
    <link rel="modulepreload" href="${entry}">
    <script type="module" src="${script}"></script>
  </head>
  <body>
    <noscript>The console needs JavaScript.</noscript>
    <parley-console><p>Loading… If nothing else appears, reload the page.</p></parley-console>
  </body>
</html>
`
