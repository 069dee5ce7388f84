import type { TemplateResult } from 'lit'
import type { Access } from './access.ts'
import type { Api } from './api.ts'
import type { Route } from './routes.ts'

/** What the console's elements share while somebody is signed in. */
export interface App {
  readonly api: Api
  readonly access: Access
  /** Opens a `DialogPart` in place of any other, unless that would lose something. It stays open if the page changes. */
  openDialog(dialog: TemplateResult): void
  closeDialog(): void
  /** Announces an outcome, below the heading and to screen readers, until the next dialog or page. */
  announce(text: string): void
  /** Goes to a page, and announces an outcome there. */
  goTo(route: Route, outcome?: string): void
  signOut(message: string): void
}
