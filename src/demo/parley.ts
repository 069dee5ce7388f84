import { Parley as Client } from '../client/index.ts'

const TOKEN_SECONDS = 600

/** Parley as a back end calls it: with a key that never leaves the back end. */
export class Parley {
  readonly url: string
  readonly #client: Client

  constructor(url: string, key: string) {
    this.url = url
    this.#client = new Client({ url, apiKey: key })
  }

  // The answer has the shape that the document asked for.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  async ask(query: string, variables: Record<string, unknown>): Promise<any> {
    return this.#client.query(query, variables)
  }

  /** Creates a tenant for a customer, and returns a key with which the back end acts for it. */
  async makeTenant(id: string): Promise<string> {
    await this.ask('mutation ($input: CreateTenantInput!) { createTenant(input: $input) { created } }', {
      input: { id, name: id },
    })
    const scopes = ['ANALYTICS_READ', 'CONVERSATIONS_READ', 'CONVERSATIONS_WRITE', 'EMBED_TOKENS_CREATE']
    const { generateApiKey } = await this.ask(
      'mutation ($input: GenerateApiKeyInput!) { generateApiKey(input: $input) { secret } }',
      { input: { name: 'The product’s back end', tenantId: id, scopes } },
    )
    return generateApiKey.secret
  }

  /** A token for one customer's browser: it is read-only and expires soon. */
  async createEmbedToken(subject: string): Promise<{ token: string; expiresInSeconds: number }> {
    const { createEmbedToken } = await this.ask(
      'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }',
      { input: { subject, expiresInSeconds: TOKEN_SECONDS, scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ'] } },
    )
    return { token: createEmbedToken.token, expiresInSeconds: TOKEN_SECONDS }
  }
}
