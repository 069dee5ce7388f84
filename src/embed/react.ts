import { createComponent } from '@lit/react'
import React, { type ForwardRefExoticComponent, type HTMLAttributes, type RefAttributes } from 'react'
import type { ConversationFilter, SeriesMeasure } from '../client/generated/schema-types.ts'
import './index.ts'
import type * as Elements from './index.ts'
import { attributesOf } from './react-attributes.ts'

/**
 * The elements as React components: `parley-client/react`. React is the page's own. On a server they are rendered with
 * their attributes; the elements themselves begin in the browser.
 */

/** What can be set on an element, under the names of its properties. */
type PropsOf<Element, Name extends keyof Element> = Omit<HTMLAttributes<HTMLElement>, Name> &
  Partial<Pick<Element, Name>> & {
    onParleyLoad?(event: CustomEvent<object>): void
    onParleyError?(event: CustomEvent<{ code: string }>): void
  }

interface Selecting<Picked> {
  onParleySelect?(event: CustomEvent<Picked>): void
}

/** A bucket of a chart that a reader picked. */
export interface PickedBucket {
  bucket: { start: string; end: string; label: string }
  /** Null if the series is not grouped. */
  group: { dimension?: string; metadataPath?: string[]; key: unknown; label: string } | null
  measure: SeriesMeasure
  /** Matches the conversations of the bucket. Null if no filter does. */
  filter: ConversationFilter | null
}

/** A conversation of a list that a reader opened. */
export interface PickedConversation {
  conversationId: string
  conversation: object
}

type Common = 'session' | 'texts' | 'locale' | 'timeZone'
type Counted = Common | 'filter' | 'range' | 'measures' | 'compare' | 'includeTests' | 'weekStart'

export type ParleySeriesProps = PropsOf<Elements.ParleySeries, Counted | 'interval' | 'groupBy' | 'chart' | 'height'> &
  Selecting<PickedBucket>

export type ParleyMetricsProps = PropsOf<Elements.ParleyMetrics, Counted>

export type ParleyConversationsProps = PropsOf<
  Elements.ParleyConversations,
  Common | 'filter' | 'range' | 'live' | 'order' | 'search' | 'selected' | 'pageSize'
> &
  Selecting<PickedConversation>

export type ParleyConversationProps = PropsOf<Elements.ParleyConversation, Common | 'conversationId' | 'live'>

/** What is chosen in the filter bar of a dashboard. */
export type FilterChange = Pick<Elements.ParleyDashboard, 'filter' | 'range' | 'interval' | 'groupBy' | 'compare'>

export type ParleyDashboardProps = PropsOf<
  Elements.ParleyDashboard,
  Common | keyof FilterChange | 'measures' | 'live' | 'heading' | 'conversationId'
> &
  Selecting<PickedBucket | PickedConversation> & {
    onParleyFilterChange?(event: CustomEvent<FilterChange>): void
  }

const EVENTS = {
  onParleyLoad: 'parley-load',
  onParleyError: 'parley-error',
  onParleySelect: 'parley-select',
  onParleyFilterChange: 'parley-filter-change',
}

export type ParleyComponent<Props, Element> = ForwardRefExoticComponent<Props & RefAttributes<Element>>

function wrap<Props extends object, Element extends HTMLElement>(tagName: string, displayName: string) {
  // On a server there are no custom elements: only the tag is rendered.
  const elementClass = globalThis.customElements?.get(tagName) as (new () => Element) | undefined
  const component = elementClass
    ? createComponent({ react: React, tagName, elementClass, events: EVENTS, displayName })
    : React.forwardRef<Element, Props>((props, ref) =>
        React.createElement(tagName, { ...attributesOf(props, Object.keys(EVENTS)), ref }),
      )
  component.displayName = displayName
  return component as ParleyComponent<Props, Element>
}

export const ParleyDashboard = wrap<ParleyDashboardProps, Elements.ParleyDashboard>(
  'parley-dashboard',
  'ParleyDashboard',
)
export const ParleySeries = wrap<ParleySeriesProps, Elements.ParleySeries>('parley-series', 'ParleySeries')
export const ParleyMetrics = wrap<ParleyMetricsProps, Elements.ParleyMetrics>('parley-metrics', 'ParleyMetrics')
export const ParleyConversations = wrap<ParleyConversationsProps, Elements.ParleyConversations>(
  'parley-conversations',
  'ParleyConversations',
)
export const ParleyConversation = wrap<ParleyConversationProps, Elements.ParleyConversation>(
  'parley-conversation',
  'ParleyConversation',
)
