import { LitElement, type PropertyDeclarations } from 'lit'
import type { App } from './app.ts'

/**
 * An element of the console. The console has its page to itself: its elements share one style sheet, and labels and
 * headings can name each other, because nothing is in a shadow root.
 */
export abstract class Part extends LitElement {
  static override properties: PropertyDeclarations = { app: { attribute: false } }

  declare app: App

  protected override createRenderRoot(): HTMLElement {
    return this
  }
}
