import { createComponent } from '@lit/react'
import React, { type ForwardRefExoticComponent, type HTMLAttributes, type RefAttributes } from 'react'
import type { ConversationFilter, SeriesInterval, SeriesMeasure } from '../client/generated/schema-types.ts'
import type { Session } from '../client/session.ts'
import './index.ts'
import { attributesOf } from './react-attributes.ts'
import type { Texts } from './texts.ts'

/**
 * The elements as React components: `parley-client/react`. React is the page's own. On a server they are rendered with
 * their attributes; the elements themselves begin in the browser.
 */

/** What all elements have in common. */
export interface ParleyProps extends HTMLAttributes<HTMLElement> {
  /** Default: the one that `configure` made. */
  session?: Session | null
  texts?: Partial<Texts> | null
  /** BCP 47 language tag. Default: the element's `lang`. */
  locale?: string | null
  /** IANA time zone. Default: the tenant's. */
  timeZone?: string | null
  onParleyLoad?(event: CustomEvent<Record<string, never>>): void
  onParleyError?(event: CustomEvent<{ code: string }>): void
}

/** What a reader picked: a bucket of a chart, or a conversation. */
export interface Selection {
  bucket?: { start: string; end: string }
  group?: { key: unknown; label: string; isOther: boolean } | null
  filter?: ConversationFilter
  conversationId?: string
}

interface Selecting {
  onParleySelect?(event: CustomEvent<Selection>): void
}

interface Filtered {
  filter?: ConversationFilter | null
}

/** A name such as `last-30-days`, or two dates such as `2026-03-01/2026-04-01`. */
interface Ranged {
  range?: string
  /** Whether there are the numbers of the period before, too. */
  compare?: boolean
}

interface Live {
  /** Whether the element follows what happens. */
  live?: boolean
}

interface Charted {
  /** Default: what suits the range. */
  interval?: SeriesInterval | null
  /** Measures, separated by commas. */
  measures?: SeriesMeasure | (string & {})
  groupBy?: string | null
}

/** What is chosen in the filter bar of a dashboard. */
export interface FilterChange extends Required<Filtered & Ranged>, Required<Pick<Charted, 'interval' | 'groupBy'>> {}

export interface ParleySeriesProps extends ParleyProps, Selecting, Filtered, Ranged, Charted, Live {}
export interface ParleyMetricsProps extends ParleyProps, Filtered, Ranged, Live {}
export interface ParleyConversationsProps extends ParleyProps, Selecting, Filtered, Live {
  /** The one that is marked. */
  conversationId?: string | null
}
export interface ParleyConversationProps extends ParleyProps, Live {
  conversationId?: string | null
}
export interface ParleyDashboardProps extends ParleyProps, Selecting, Filtered, Ranged, Charted, Live {
  /** Text above everything. Empty: the tenant's name. */
  heading?: string | null
  /** The conversation that is open. */
  conversationId?: string | null
  onParleyFilterChange?(event: CustomEvent<FilterChange>): void
}

export type ParleyComponent<Props> = ForwardRefExoticComponent<Props & RefAttributes<HTMLElement>>

const EVENTS = {
  onParleyLoad: 'parley-load',
  onParleyError: 'parley-error',
  onParleySelect: 'parley-select',
  onParleyFilterChange: 'parley-filter-change',
}

function wrap<Props extends ParleyProps>(tagName: string, displayName: string): ParleyComponent<Props> {
  // Where there are no elements, such as on a server, they are only written down.
  const elementClass = globalThis.customElements?.get(tagName) as (new () => HTMLElement) | undefined
  const component = elementClass
    ? createComponent({ react: React, tagName, elementClass, events: EVENTS, displayName })
    : React.forwardRef<HTMLElement, Props>((props, ref) =>
        React.createElement(tagName, { ...attributesOf(props, Object.keys(EVENTS)), ref }),
      )
  component.displayName = displayName
  return component as ParleyComponent<Props>
}

export const ParleyDashboard: ParleyComponent<ParleyDashboardProps> = wrap('parley-dashboard', 'ParleyDashboard')
export const ParleySeries: ParleyComponent<ParleySeriesProps> = wrap('parley-series', 'ParleySeries')
export const ParleyMetrics: ParleyComponent<ParleyMetricsProps> = wrap('parley-metrics', 'ParleyMetrics')
export const ParleyConversations: ParleyComponent<ParleyConversationsProps> = wrap(
  'parley-conversations',
  'ParleyConversations',
)
export const ParleyConversation: ParleyComponent<ParleyConversationProps> = wrap(
  'parley-conversation',
  'ParleyConversation',
)
