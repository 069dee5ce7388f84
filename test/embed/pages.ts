/**
 * The module of a page: gets tokens, and configures the components for a customer, if any. `parley` is what Parley is
 * reached under, with a slash at its end.
 */
export const configuring = (parley: string, customer: string | null, more = '') => `
import { configure, createSession } from '${parley}embed/v1.js'
const tokensOf = (name) => async ({ signal }) => {
  const answer = await fetch('/token/' + name, { method: 'POST', signal })
  if (!answer.ok) throw new Error('the product gave no token')
  return answer.json()
}
const url = new URL('${parley}graphql', location.href).href
window.configureFor = (name) => configure({ url, fetchToken: tokensOf(name) })
window.sessionFor = (name) => createSession({ url, fetchToken: tokensOf(name) })
${customer === null ? '' : `window.session = configureFor('${customer}')`}
${more}
`

/** One of each. */
export const ALL_ELEMENTS = [
  '<parley-dashboard live compare></parley-dashboard>',
  '<parley-series live compare group-by="CHANNEL"></parley-series>',
  '<parley-metrics live compare></parley-metrics>',
  '<parley-conversations live></parley-conversations>',
  '<parley-conversation live></parley-conversation>',
].join('')
