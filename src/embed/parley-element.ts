import { Task } from '@lit/task'
import { html, LitElement, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit'
import { messageOf, ParleyRequestError } from '../client/errors.ts'
import type { ConversationFilter } from '../client/generated/schema-types.ts'
import type { Session } from '../client/session.ts'
import { backoffMs } from '../client/timers.ts'
import { AttributeError } from './attribute-error.ts'
import { explain, isAboutAccess, mayPass } from './explain-error.ts'
import { sameArguments } from './same-arguments.ts'
import { onConfigured, pageDefaults } from './settings.ts'
import { SharedSession, type Viewer } from './shared-session.ts'
import { ENGLISH, fill, type Texts } from './texts.ts'
import { theme } from './theme.css.ts'

export type ElementState = 'loading' | 'ready' | 'empty' | 'error' | 'unauthorized'

const FIRST_RETRY_MS = 2_000
const LONGEST_RETRY_MS = 30_000

/** An element of each class with its defaults. */
const untouched = new WeakMap<object, ParleyElement>()

/** An object as an attribute is JSON. Anything else stays text, and is refused when something is loaded. */
const json = {
  fromAttribute(value: string | null): unknown {
    try {
      return value === null ? null : JSON.parse(value)
    } catch {
      return value
    }
  },
}

/**
 * What all elements have in common: a session, a language, a time zone and a filter, and the states in which they can be.
 * An element loads whenever something changes that its `loadArguments` name, shows what it has until then, and tries again
 * by itself after an error that may pass.
 */
export abstract class ParleyElement<Loaded = unknown> extends LitElement {
  static override properties: PropertyDeclarations = {
    session: { attribute: false },
    texts: { attribute: false },
    locale: {},
    timeZone: { attribute: 'time-zone' },
    filter: { converter: json },
    state: { reflect: true },
    message: { state: true },
  }

  static override styles = [theme]

  /** Default: the one that `configure` made. */
  declare session: Session | null
  declare texts: Partial<Texts> | null
  declare locale: string | null
  /** IANA time zone. Default: the tenant's. */
  declare timeZone: string | null
  /** Which conversations are shown or counted. Default: all. */
  declare filter: ConversationFilter | null
  /** Read only. */
  declare state: ElementState
  /** What is shown in the states `error` and `unauthorized`. */
  declare protected message: { text: string; code: string } | null

  protected loaded: Loaded | null = null
  protected viewer: Viewer | null = null
  readonly #task: Task<readonly unknown[], Loaded>
  /** The session of what was loaded: data of one session is never shown with another. */
  #loadedOf: Session | null = null
  #failures = 0
  /** Counts loads, so that the error of an older load is ignored. */
  #loads = 0
  #isLoading = false
  #retry: ReturnType<typeof setTimeout> | undefined
  #stopListening: (() => void) | null = null
  /** Once a session has ended, none of its data is shown. */
  readonly #onEnd = () => void this.reload()

  constructor() {
    super()
    this.session = null
    this.texts = null
    this.locale = null
    this.timeZone = null
    this.filter = null
    this.state = 'loading'
    this.message = null
    this.#task = new Task(this, {
      args: () => [this.currentSession, this.timeZone, this.filter, ...this.loadArguments()],
      argsEqual: sameArguments,
      task: (_args, { signal }) => this.#load(signal),
      onComplete: (loaded) => this.#show(loaded),
      onError: (error) => this.#showError(error),
    })
  }

  /** A change of these loads again, as a change of session, time zone or filter does. */
  protected abstract loadArguments(): readonly unknown[]
  protected abstract load(shared: SharedSession, viewer: Viewer, signal: AbortSignal): Promise<Loaded>
  protected abstract isEmpty(loaded: Loaded): boolean
  /** What is shown of it, also while something else is loaded. */
  protected abstract renderLoaded(loaded: Loaded): unknown
  /** The placeholder until it is loaded, with the same height. */
  protected abstract renderSkeleton(): unknown

  /** Throws an `AttributeError` if an attribute is wrong. Then nothing is sent. */
  protected checkAttributes(): void {}

  /** What is shown in the state `empty`, with the height of the skeleton. */
  protected renderEmpty(_loaded: Loaded): unknown {
    return this.#inPlace(html`<slot name="empty"><p class="message">${this.emptyText()}</p></slot>`)
  }

  /** The text if there is nothing to show. */
  protected emptyText(): string {
    return this.text('empty')
  }

  get currentSession(): Session | null {
    return this.session ?? pageDefaults()?.session ?? null
  }

  /** The language of numbers and dates. */
  get language(): string {
    const tags = [this.locale, pageDefaults()?.locale, langAround(this), navigator.language]
    return tags.find(isLanguage) ?? 'en'
  }

  /** Whether it is loading. What was loaded before is still shown. */
  get isLoading(): boolean {
    return this.#isLoading
  }

  /** The time zone of dates that are shown. */
  get zone(): string {
    return this.timeZone ?? this.viewer?.timeZone ?? 'UTC'
  }

  /** Loads again, and resolves when that is done. */
  async reload(): Promise<void> {
    clearTimeout(this.#retry)
    await this.#task.run()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stopListening = onConfigured(() => this.requestUpdate())
    this.#loadedOf?.ended.addEventListener('abort', this.#onEnd)
    // It may have been on the page before: what it follows, it follows again.
    this.requestUpdate()
    // Such as an element that was moved while it loaded, or waited to try again.
    const waits = this.message !== null && mayPass(this.message.code)
    if (this.#isLoading || this.#loadedOf?.ended.aborted || waits) void this.reload()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stopListening?.()
    this.#loadedOf?.ended.removeEventListener('abort', this.#onEnd)
    clearTimeout(this.#retry)
    this.#task.abort()
  }

  protected override willUpdate(changed: PropertyValues): void {
    for (const name of changed.keys()) this.#restore(name)
  }

  protected text(name: keyof Texts, values: Record<string, string | number> = {}): string {
    return fill(this.texts?.[name] ?? pageDefaults()?.texts[name] ?? ENGLISH[name], values)
  }

  /** The event bubbles and crosses shadow roots. */
  protected emit(name: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
  }

  protected override render(): TemplateResult {
    return html`<div class="root" part="root" lang=${this.language} aria-busy=${this.#isLoading}>${this.#renderState()}</div>`
  }

  /** A property that is set to null, for example by removing its attribute, gets its default back. */
  #restore(name: PropertyKey) {
    if ((Reflect.get(this, name) ?? null) !== null) return
    const element = this.constructor as new () => ParleyElement
    let pristine = untouched.get(element)
    if (!pristine) {
      pristine = new element()
      untouched.set(element, pristine)
    }
    Reflect.set(this, name, Reflect.get(pristine, name))
  }

  #renderState(): unknown {
    const { state, loaded, message } = this
    if (state === 'unauthorized' || (state === 'error' && loaded === null))
      return this.#inPlace(this.#renderMessage(state))
    if (state === 'empty' && loaded !== null) return this.renderEmpty(loaded)
    if (loaded === null) return html`<slot name="loading">${this.renderSkeleton()}</slot>`
    // What was loaded before stays, with what went wrong since.
    return html`${message ? this.#renderMessage('error') : nothing}${this.renderLoaded(loaded)}`
  }

  /** Has the height of the loaded content, so that the page does not move. */
  #inPlace(content: unknown) {
    return html`<div class="in-place"><div class="ghost" aria-hidden="true" inert>${this.renderSkeleton()}</div><div class="placed">${content}</div></div>`
  }

  #renderMessage(state: 'error' | 'unauthorized') {
    const { text = this.text(state), code = '' } = this.message ?? {}
    return html`<slot name=${state}><div class="message" role="alert" part="error">
      <p>${text}</p>
      ${code ? html`<p class="code">${this.text('errorCode', { code })}</p>` : nothing}
      ${state === 'error' && code !== 'INVALID_ATTRIBUTE' ? html`<button type="button" @click=${() => this.reload()}>${this.text('retry')}</button>` : nothing}
    </div></slot>`
  }

  async #load(signal: AbortSignal): Promise<Loaded> {
    clearTimeout(this.#retry)
    this.#loads += 1
    this.#setLoading(true)
    const session = this.currentSession
    if (this.#loadedOf !== session || session?.ended.aborted) {
      this.loaded = null
      this.viewer = null
      this.#loadedOf?.ended.removeEventListener('abort', this.#onEnd)
      this.#loadedOf = session
      session?.ended.addEventListener('abort', this.#onEnd)
    }
    if (this.loaded === null) this.state = 'loading'
    if (typeof this.filter === 'string') throw new AttributeError('filter', this.filter)
    this.checkAttributes()
    if (!session) return new Promise(() => {})
    session.ended.throwIfAborted()
    const shared = SharedSession.of(session)
    const viewer = await shared.viewer()
    signal.throwIfAborted()
    this.viewer = viewer
    return this.load(shared, viewer, signal)
  }

  #setLoading(isLoading: boolean) {
    this.#isLoading = isLoading
    this.requestUpdate()
  }

  #show(loaded: Loaded) {
    this.#failures = 0
    this.#setLoading(false)
    this.loaded = loaded
    this.message = null
    this.state = this.isEmpty(loaded) ? 'empty' : 'ready'
    this.emit('parley-load', {})
  }

  async #showError(error: unknown) {
    // The load was broken off when the element was removed.
    if (error instanceof DOMException && error.name === 'AbortError') return
    this.#setLoading(false)
    const known = error instanceof ParleyRequestError ? error : new ParleyRequestError(messageOf(error), 'UNKNOWN')
    const { code, retryAfterMs } = known
    // It may no longer be seen, or belongs to other attributes.
    if (isAboutAccess(code) || code === 'INVALID_ATTRIBUTE') this.loaded = null
    const [session, loads] = [this.currentSession, this.#loads]
    const text = await explain(error, session?.url ?? '', (name, values) => this.text(name, values))
    if (session !== this.currentSession || loads !== this.#loads) return
    this.message = { code, text }
    this.state = isAboutAccess(code) ? 'unauthorized' : 'error'
    this.emit('parley-error', { code })
    if (isAboutAccess(code) && session) SharedSession.of(session).forgetViewer()
    if (!mayPass(code) || !this.isConnected) return
    this.#failures += 1
    const ms = retryAfterMs + backoffMs(this.#failures, FIRST_RETRY_MS, LONGEST_RETRY_MS)
    this.#retry = setTimeout(() => void this.reload(), ms)
  }
}

/** What the nearest `lang` around an element says, also outside of the shadow root that it is in. */
function langAround(element: Element): string {
  const root = element.getRootNode()
  const outside = () => (root instanceof ShadowRoot ? langAround(root.host) : '')
  return element.closest<HTMLElement>('[lang]')?.lang ?? outside()
}

function isLanguage(tag: string | null | undefined): tag is string {
  try {
    return Boolean(tag && Intl.getCanonicalLocales(tag).length > 0)
  } catch {
    return false
  }
}
