import type { Attack, Attacker } from './attacks.ts'
import { queryBody, withCredential } from './credentials.ts'
import { attempt } from './heaviest.ts'

/** The longest content that is stored; a quotation mark takes two bytes of an answer. */
const CONTENT = '"'.repeat(262_144)
const EXTERNAL_ID = 'bench-largest'
/**
 * The largest answer of a server by default. Nothing larger is tried: it has to be refused (test/abuse), and a server
 * that does not refuse it can take the memory of the whole machine.
 */
const MAX_ANSWER_BYTES = 16 * 2 ** 20
const MOST_ALIASES = Math.floor(MAX_ANSWER_BYTES / (2 * CONTENT.length))

const documentOf = (aliases: number) => {
  const contents = Array.from({ length: aliases }, (_, i) => `a${i}: content`).join(' ')
  return `{ conversation(by: { externalId: "${EXTERNAL_ID}" }) { messages(first: 1) { nodes { ... on ChatMessage { ${contents} } } } } }`
}

/** Requests the largest answers that are given, and reads only their heads. */
export async function largestAnswers({ parley, tenantId, tokens, keys }: Attacker): Promise<Attack> {
  await parley.ask(
    tenantId,
    'mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }',
    {
      input: { externalId: EXTERNAL_ID, messages: [{ chat: { role: 'USER', content: CONTENT } }] },
    },
  )
  // A slow answer is not a refusal.
  const isAnswered = async (aliases: number) =>
    ['200', 'no answer in time'].includes(
      (await attempt(parley, tokens[0] ?? '', queryBody(documentOf(aliases)))).outcome,
    )
  let [answered, refused] = [1, MOST_ALIASES + 1]
  while (refused - answered > 1) {
    const middle = Math.floor((answered + refused) / 2)
    if (await isAnswered(middle)) answered = middle
    else refused = middle
  }
  const body = queryBody(documentOf(answered))
  const megabytes = (answered * 2 * CONTENT.length) / 2 ** 20
  const all = [...tokens, ...keys].map((credential) => withCredential(parley, credential, body))
  return {
    name: 'answers',
    what: [`64 connections, tokens and keys: answers of ${megabytes.toFixed(1)} MB, of which only the head is read`],
    lanes: [{ does: 'HOLD', requests: all, connections: 64, perSecond: 200 }],
  }
}
