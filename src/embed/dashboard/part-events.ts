import type { ParleyElement } from '../parley-element.ts'

/** Whether an event says that now all parts have loaded. An open conversation, which is no part, says nothing of them. */
export const isAllLoaded = ({ target }: Event, parts: readonly ParleyElement[]): boolean =>
  parts.some((part) => part === target) && parts.every(({ isLoading }) => !isLoading)

/** Stops an event that says of one part what another has said already: what is wrong is often wrong with all of them. */
export function stopRepeated(event: Event, parts: readonly ParleyElement[]): void {
  if (parts.some((part) => part !== event.target && ['error', 'unauthorized'].includes(part.state)))
    event.stopPropagation()
}
