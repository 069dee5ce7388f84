import { html, nothing, type TemplateResult } from 'lit'
import { isAdmin } from '../access.ts'
import type { App } from '../app.ts'
import { snippet } from '../parts/copy-button.ts'
import type { TenantDetails } from './documents.ts'
import { backEndSnippet, logSnippet, PAGE_SNIPPET, scriptSnippet } from './snippets.ts'

/** How to show the tenant its dashboard in a product. */
export const embedSection = (
  { api, access }: App,
  { id, allowedOrigins }: TenantDetails,
  onEdit: () => void,
): TemplateResult => {
  const target = { url: api.url, tenantId: id }
  return html`<section class="section" id="embed" aria-labelledby="embed-heading">
    <h2 id="embed-heading">Embed</h2>
    <p class="lead">
      Three files show this tenant its dashboard in your product: a page, its script, and a back end that gives the page a
      token. The key stays in your back end, in the environment variable <code>PARLEY_KEY</code>. It needs the scope
      “Create embed tokens”, and scopes to read.
    </p>
    <h3>1. Install the client</h3>
    <p class="lead">
      In the folder of Parley, <code>npm run build</code> builds the package <code>parley-client</code>. Install it in a
      folder for the three files: <code>npm install …/dist/parley-client</code>.
    </p>
    <h3>2. Save the three files there</h3>
    ${snippet('index.html', PAGE_SNIPPET)} ${snippet('parley.js', scriptSnippet(target))}
    ${snippet('back-end.mjs', backEndSnippet(target))}
    <h3>3. Allow the origin</h3>
    ${renderOrigins(allowedOrigins, isAdmin(access) ? onEdit : null)}
    <h3>4. Start the back end</h3>
    <p class="lead">
      Run <code>PARLEY_KEY=… node back-end.mjs</code> in that folder, then open <code>http://localhost:3000</code>.
    </p>
  </section>`
}

/** `onEdit` opens the settings; null if the key may not change them. */
const renderOrigins = (origins: readonly string[], onEdit: (() => void) | null) =>
  html`<p>
      A browser lets a page read from Parley only if the page’s origin is allowed. For these files, that is
      <code>http://localhost:3000</code>.
      ${origins.length === 0 ? 'This tenant allows no origins of its own.' : 'This tenant allows:'}
    </p>
    ${origins.length === 0 ? nothing : html`<ul class="mono">${origins.map((origin) => html`<li>${origin}</li>`)}</ul>`}
    <p class="lead">
      ${
        onEdit
          ? html`Add yours to the allowed origins of the tenant or, for all tenants, to the server’s
              <code>CORS_ORIGINS</code>.`
          : html`If yours is missing, ask an administrator to add it: your key can’t change the settings of a tenant.`
      }
      If your own origin proxies Parley, you don’t have to allow anything.
    </p>
    ${onEdit ? html`<div><button type="button" @click=${onEdit}>Edit allowed origins</button></div>` : nothing}`

/** How a back end logs its first conversation. For keys that may do so, or can generate one that may. */
export const logSection = ({ api }: App, { id }: Pick<TenantDetails, 'id'>): TemplateResult =>
  html`<section class="section" aria-labelledby="log-heading">
    <h2 id="log-heading">Log a conversation</h2>
    <p class="lead">
      Paste a key with the scope “Write conversations” into the first line, then run this in a terminal. Running it again
      changes nothing.
    </p>
    ${snippet('Terminal', logSnippet({ url: api.url, tenantId: id }))}
  </section>`

export const mayEmbed = ({ access }: App): boolean => isAdmin(access) || access.scopes.has('EMBED_TOKENS_CREATE')
export const mayLog = ({ access }: App): boolean => isAdmin(access) || access.scopes.has('CONVERSATIONS_WRITE')
