import type { TemplateResult } from 'lit'
import type { Access } from './access.ts'
import type { Api } from './api.ts'
import type { Route } from './routes.ts'

/** What the parts of the console have in common while somebody is signed in. */
export interface App {
  readonly api: Api
  readonly access: Access
  /** Opens a `DialogPart` in front of the page, also if the page changes; closes what was open before. */
  openDialog(dialog: TemplateResult): void
  closeDialog(): void
  /** Says what has happened, below the heading and to screen readers, until the next step. */
  announce(text: string): void
  /** Goes to a page, and says there what has happened. */
  goTo(route: Route, outcome?: string): void
  signOut(message: string): void
}
