import { html, type PropertyDeclarations } from 'lit'
import type { ConversationFilter, ConversationOrderField, OrderDirection } from '../client/generated/schema-types.ts'
import { AttributeError } from './attribute-error.ts'
import { define } from './define.ts'
import { LazyElement, type View } from './lazy-element.ts'
import type { ConversationPages } from './lists/conversation-pages.ts'
import type * as Lists from './lists.ts'
import { ParleyElement } from './parley-element.ts'
import type { Viewer } from './shared-session.ts'
import { frameStyles } from './skeleton.css.ts'
import { parseRange } from './time-range.ts'

const PAGE_SIZE = 30
const MAX_PAGE_SIZE = 100
const SKELETON_ROWS = 12

/**
 * The list of conversations, newest first. `parley-select {conversationId, conversation}` is sent when one is chosen,
 * which is then `selected`.
 */
export class ParleyConversations extends LazyElement<ConversationPages> {
  static override properties: PropertyDeclarations = {
    ...ParleyElement.properties,
    live: { type: Boolean },
    range: {},
    order: {},
    search: {},
    selected: { reflect: true },
    pageSize: { type: Number, attribute: 'page-size' },
  }

  static override styles = [...ParleyElement.styles, frameStyles]

  /** Whether it shows new and changed conversations as they come. */
  declare live: boolean
  /** When they began: a name such as `last-7-days`, or two dates with a slash. Default: at any time. */
  declare range: string | null
  /** A `ConversationOrderField`, and `ASC` if the lowest come first. Default: `STARTED_AT`. */
  declare order: string | null
  /** Words to search for. */
  declare search: string | null
  /** Id of the highlighted conversation. */
  declare selected: string | null
  /** How many are loaded at a time. Default: 30. */
  declare pageSize: number
  #list: Lists.ConversationList | null = null

  constructor() {
    super()
    this.live = false
    this.range = null
    this.order = null
    this.search = null
    this.selected = null
    this.pageSize = PAGE_SIZE
  }

  /** The conversations that are loaded, as CSV. Empty as long as none are. */
  exportCsv(): string {
    return this.loaded ? (this.#list?.exportCsv() ?? '') : ''
  }

  get orderBy(): { field: ConversationOrderField; direction: OrderDirection } {
    const [field, direction] = (this.order ?? '').split(' ')
    // The server refuses what it does not know.
    return { field: (field || 'STARTED_AT') as ConversationOrderField, direction: direction === 'ASC' ? 'ASC' : 'DESC' }
  }

  /** What the conversations shown have in common. */
  conditions({ timeZone }: Pick<Viewer, 'timeZone'>): ConversationFilter {
    const { filter, range, search } = this
    const more: ConversationFilter[] = [
      ...(range ? [{ startedAt: parseRange(range, this.timeZone ?? timeZone) }] : []),
      ...(search ? [{ search }] : []),
    ]
    return more.length > 0 ? { and: [...(filter ? [filter] : []), ...more] } : (filter ?? {})
  }

  protected override checkAttributes(): void {
    const { order, pageSize, range } = this
    if (order && !/^[A-Z_]+( (ASC|DESC))?$/.test(order)) throw new AttributeError('order', order)
    if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > MAX_PAGE_SIZE)
      throw new AttributeError('page-size', this.getAttribute('page-size') ?? String(pageSize))
    if (!range) return
    try {
      parseRange(range, 'UTC')
    } catch {
      throw new AttributeError('range', range)
    }
  }

  protected override loadArguments(): readonly unknown[] {
    return [this.range, this.search, this.order, this.pageSize]
  }

  protected override createView({ ConversationList }: typeof Lists): View<ConversationPages> {
    this.#list = new ConversationList(this.viewHost(this))
    return this.#list
  }

  protected override isEmpty(pages: ConversationPages): boolean {
    return pages.rows.length === 0
  }

  protected override emptyText(): string {
    return this.text('conversationsEmpty')
  }

  protected override renderSkeleton(): unknown {
    const row = html`<div class="waiting-row"><div class="skeleton"></div><div class="skeleton"></div></div>`
    return html`<div class="conversations" role="status">
      <div class="bar"><span class="visually-hidden">${this.text('loading')}</span></div>
      <div class="scroller waiting">${Array.from({ length: SKELETON_ROWS }, () => row)}</div>
    </div>`
  }
}

define('parley-conversations', ParleyConversations)
