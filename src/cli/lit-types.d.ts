/** What the declarations of the elements need of Lit, whose code is in their bundle. */

export type PropertyDeclarations = Readonly<Record<PropertyKey, object>>
export type PropertyValues<Element = unknown> = Map<keyof Element, unknown>
export interface TemplateResult {
  readonly strings: TemplateStringsArray
  readonly values: unknown[]
}
export interface CSSResult {
  readonly cssText: string
}
export interface ReactiveController {
  hostConnected?(): void
  hostDisconnected?(): void
  hostUpdate?(): void
  hostUpdated?(): void
}
export declare abstract class LitElement extends HTMLElement {
  static properties: PropertyDeclarations
  static styles: unknown
  readonly isConnected: boolean
  readonly renderRoot: HTMLElement | DocumentFragment
  /** Resolves when what changed is shown. */
  readonly updateComplete: Promise<boolean>
  connectedCallback(): void
  disconnectedCallback(): void
  requestUpdate(): void
}
