import type { PropertyDeclarations } from 'lit'
import type { ConversationSeries, SeriesMeasure } from '../../client/generated/schema-types.ts'
import { SERIES } from '../documents.ts'
import { ParleyElement } from '../parley-element.ts'
import type { SharedSession, Viewer } from '../shared-session.ts'
import type { Text } from '../texts.ts'
import { parseAttributes, rangeOf, type SeriesRequest, type SeriesVariables } from './series-request.ts'

/** A series, and the variables of its query. */
export interface LoadedSeries {
  series: ConversationSeries
  asked: SeriesVariables
}

/** What the elements that show series have in common. */
export abstract class SeriesElement extends ParleyElement<LoadedSeries> {
  static override properties: PropertyDeclarations = {
    measures: {},
    range: {},
    compare: { type: Boolean },
    includeTests: { type: Boolean, attribute: 'include-tests' },
    weekStart: { attribute: 'week-start' },
  }

  /** Names of `SeriesMeasure`, as a list or with commas between them. */
  declare measures: string | readonly string[]
  /** See `parseRange`. */
  declare range: string
  /** Whether to compare with the previous period. */
  declare compare: boolean
  declare includeTests: boolean
  /** The first day of weeks. Default: MONDAY. */
  declare weekStart: string | null

  constructor() {
    super()
    this.range = 'last-30-days'
    this.compare = false
    this.includeTests = false
    this.weekStart = null
  }

  /** Throws an `AttributeError` if an attribute is wrong. */
  protected abstract request(): SeriesRequest

  protected requestOf(interval: string | null, groupBy: string | null): SeriesRequest {
    const { measures, range, compare, includeTests, weekStart } = this
    return parseAttributes({ measures, range, interval, groupBy, compare, includeTests, weekStart })
  }

  protected override checkAttributes(): void {
    this.request()
  }

  protected async load({ session }: SharedSession, viewer: Viewer, signal: AbortSignal): Promise<LoadedSeries> {
    const request = this.request()
    const range = rangeOf(this.range, this.timeZone ?? viewer.timeZone, request)
    const asked: SeriesVariables = { ...request, range, timeZone: this.timeZone, filter: this.filter }
    const { conversationSeries } = await session.query<{ conversationSeries: ConversationSeries }>(SERIES, asked, {
      signal,
    })
    return { series: conversationSeries, asked }
  }

  protected isEmpty({ series: { lines } }: LoadedSeries): boolean {
    return lines.every(({ totalSampleCount, previousTotal }) => totalSampleCount === 0 && !previousTotal)
  }

  /** For what is rendered elsewhere. */
  protected readonly words: Text = (name, values) => this.text(name, values)

  /** What a measure is called in a sentence: English has no capital there. */
  protected nounOf(measure: SeriesMeasure): string {
    const name = this.text(measure)
    return this.language.startsWith('en') ? name.charAt(0).toLowerCase() + name.slice(1) : name
  }
}
