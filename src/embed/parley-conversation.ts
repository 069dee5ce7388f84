import { html, type PropertyDeclarations, type PropertyValues } from 'lit'
import { define } from './define.ts'
import { LazyElement, type View } from './lazy-element.ts'
import type { Transcript } from './lists/transcript.ts'
import type * as Lists from './lists.ts'
import { ParleyElement } from './parley-element.ts'
import { frameStyles } from './skeleton.css.ts'

/** One conversation, with its transcript. */
export class ParleyConversation extends LazyElement<Transcript> {
  static override properties: PropertyDeclarations = {
    ...ParleyElement.properties,
    conversationId: { attribute: 'conversation-id' },
    live: { type: Boolean },
  }

  static override styles = [...ParleyElement.styles, frameStyles]

  declare conversationId: string | null
  /** Whether it shows new messages and changes as they come. */
  declare live: boolean

  constructor() {
    super()
    this.conversationId = null
    this.live = false
  }

  /** Nothing of one conversation is shown with the id of another. */
  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed)
    if (changed.has('conversationId')) this.loaded = null
  }

  protected override loadArguments(): readonly unknown[] {
    return [this.conversationId]
  }

  protected override createView({ TranscriptView }: typeof Lists): View<Transcript> {
    return new TranscriptView(this.viewHost(this))
  }

  protected override isEmpty({ conversation }: Transcript): boolean {
    return conversation === null
  }

  protected override emptyText(): string {
    return this.text(this.conversationId ? 'conversationMissing' : 'conversationNone')
  }

  protected override renderSkeleton(): unknown {
    return html`<div class="conversation" part="conversation" role="status">
      <div class="facts waiting"><span class="visually-hidden">${this.text('loading')}</span><div class="skeleton"></div></div>
      <div class="entries waiting">
        ${['', 'answer', '', 'answer'].map((side) => html`<div class="skeleton ${side}"></div>`)}
      </div>
    </div>`
  }
}

define('parley-conversation', ParleyConversation)
