import type { CSSResult, ReactiveController } from 'lit'
import { ParleyRequestError } from '../client/errors.ts'
import type * as Lists from './lists.ts'
import { loadLists } from './load-lists.ts'
import { ParleyElement } from './parley-element.ts'
import type { SharedSession, Viewer } from './shared-session.ts'
import type { Text } from './texts.ts'

/** What an element gives to the view that draws it. */
export interface ViewHost<Element extends ParleyElement> {
  readonly element: Element
  readonly text: Text
  emit(name: string, detail: object): void
}

/** What draws an element once its code is there. It follows the element's life as a controller. */
export interface View<Loaded> extends ReactiveController {
  readonly styles: CSSResult
  load(shared: SharedSession, viewer: Viewer, signal: AbortSignal): Promise<Loaded>
  render(loaded: Loaded): unknown
}

/**
 * An element whose code is loaded when the first one is on the page. Until then it is as high as it will be. Its token
 * needs the scope CONVERSATIONS_READ: otherwise no data is requested.
 */
export abstract class LazyElement<Loaded> extends ParleyElement<Loaded> {
  protected view: View<Loaded> | null = null

  protected abstract createView(lists: typeof Lists): View<Loaded>

  override connectedCallback(): void {
    super.connectedCallback()
    // While the token is asked what it may do. If it fails, `load` says so.
    loadLists().catch(() => {})
  }

  protected override async load(shared: SharedSession, viewer: Viewer, signal: AbortSignal): Promise<Loaded> {
    if (!viewer.scopes.includes('CONVERSATIONS_READ'))
      throw new ParleyRequestError(this.text('unauthorized'), 'FORBIDDEN')
    const lists = await loadLists()
    signal.throwIfAborted()
    this.view ??= this.#open(lists)
    return this.view.load(shared, viewer, signal)
  }

  protected override renderLoaded(loaded: Loaded): unknown {
    return this.view?.render(loaded)
  }

  protected viewHost<Element extends ParleyElement>(element: Element): ViewHost<Element> {
    return {
      element,
      text: (name, values) => this.text(name, values),
      emit: (name, detail) => this.emit(name, detail),
    }
  }

  #open(lists: typeof Lists): View<Loaded> {
    const view = this.createView(lists)
    const { styleSheet } = view.styles
    if (styleSheet) this.shadowRoot?.adoptedStyleSheets.push(styleSheet)
    this.addController(view)
    return view
  }
}
