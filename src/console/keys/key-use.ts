import { html, nothing, type ReactiveController, type TemplateResult } from 'lit'
import type { ApiKey, Query } from '../../client/generated/schema-types.ts'
import type { Part } from '../part.ts'
import { shownName } from '../parts/name.ts'
import { errorNotice } from '../parts/notice.ts'
import { formatCount, relativeTime } from '../parts/text.ts'
import { KEY_USE, type Key } from './documents.ts'

type Use = Pick<
  ApiKey,
  | 'lastUsedAt'
  | 'lastUsedAddress'
  | 'lastUsedUserAgent'
  | 'liveTokenCount'
  | 'previousSecretLiveTokenCount'
  | 'hint'
  | 'regeneratedAt'
  | 'previousSecretExpiresAt'
>

/** Who uses a key. Loaded when a dialog opens, because the decision depends on it. */
export class KeyUse implements ReactiveController {
  value: Use | null = null
  error: unknown = null
  readonly #host: Part & { key: Key }

  constructor(host: Part & { key: Key }) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {
    void this.load()
  }

  async load(): Promise<void> {
    this.error = null
    try {
      const { apiKey } = await this.#host.app.api.ask<Pick<Query, 'apiKey'>>(KEY_USE, { id: this.#host.key.id })
      this.value = apiKey ?? null
    } catch (error) {
      this.error = error
    }
    this.#host.requestUpdate()
  }

  /** Whether the secret before the current one is still accepted. */
  get hasOlderSecret(): boolean {
    const endsAt = this.value?.previousSecretExpiresAt
    return endsAt != null && Date.parse(endsAt) > this.#host.app.api.now()
  }

  /** Says by what the key was last used, and what becomes of its live tokens, such as that they end at once. */
  render(end: string): TemplateResult {
    if (this.error) return errorNotice(this.error, () => this.load())
    if (!this.value) return html`<p aria-busy="true">Looking up who uses the key…</p>`
    const { liveTokenCount, lastUsedAt, lastUsedAddress, lastUsedUserAgent } = this.value
    const by = html`${lastUsedAddress ? html` from ${lastUsedAddress}` : nothing}${
      lastUsedUserAgent ? html` by <code>${shownName(lastUsedUserAgent)}</code>` : nothing
    }`
    return html`<ul class="facts">
      <li>${lastUsedAt ? html`Last used ${relativeTime(lastUsedAt, this.#host.app.api.now())}${by}.` : 'Never used.'}</li>
      <li>
        ${
          liveTokenCount === 0
            ? 'It has no live embed tokens.'
            : `Live embed tokens: ${formatCount(liveTokenCount)}. ${end}`
        }
      </li>
    </ul>`
  }
}
