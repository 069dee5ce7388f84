import { html, nothing, type ReactiveController, type TemplateResult } from 'lit'
import type { Part } from '../part.ts'
import { shownName } from '../parts/name.ts'
import { errorNotice } from '../parts/notice.ts'
import { relativeTime } from '../parts/text.ts'
import { ISSUER_USE, type Issuer } from './documents.ts'

type Use = Pick<Issuer, 'lastUsedAt' | 'lastUsedAddress' | 'lastUsedUserAgent'>

/** When a token of an issuer was last accepted. Loaded when a dialog opens, because the decision depends on it. */
export class IssuerUse implements ReactiveController {
  #use: Use | null = null
  #error: unknown = null
  readonly #host: Part & { issuer: Issuer }

  constructor(host: Part & { issuer: Issuer }) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {
    void this.#load()
  }

  get isKnown(): boolean {
    return this.#use !== null
  }

  async #load(): Promise<void> {
    this.#error = null
    try {
      const { app, issuer } = this.#host
      const { node } = await app.api.ask<{ node: Use | null }>(ISSUER_USE, { id: issuer.id })
      // Null if somebody else has deleted it: then nothing uses it.
      this.#use = node ?? {}
    } catch (error) {
      this.#error = error
    }
    this.#host.requestUpdate()
  }

  render(): TemplateResult {
    if (this.#error) return errorNotice(this.#error, () => this.#load())
    if (!this.#use) return html`<p aria-busy="true">Looking up when a token of this issuer was last used…</p>`
    const { lastUsedAt, lastUsedAddress, lastUsedUserAgent } = this.#use
    if (!lastUsedAt) return html`<p>No token of this issuer has been used yet.</p>`
    return html`<p>A token of this issuer was last used ${relativeTime(lastUsedAt, this.#host.app.api.now())}${
      lastUsedAddress ? html` from ${lastUsedAddress}` : nothing
    }${lastUsedUserAgent ? html` by <code>${shownName(lastUsedUserAgent)}</code>` : nothing}.</p>`
  }
}
