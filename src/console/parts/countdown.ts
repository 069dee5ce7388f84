import { html, type PropertyDeclarations, type TemplateResult } from 'lit'
import { define } from '../../embed/define.ts'
import { Part } from '../part.ts'

const SECOND_MS = 1_000

/** The time left until a moment, such as 23:59:59, by the server's clock. Fires `over` once, at the end. */
export class Countdown extends Part {
  static override properties: PropertyDeclarations = { until: {} }

  declare until: string
  #timer: ReturnType<typeof setInterval> | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#timer = setInterval(() => this.#tick(), SECOND_MS)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#timer)
  }

  protected override render(): TemplateResult {
    return html`<span role="timer" class="countdown">${formatCountdown(this.#leftMs())}</span>`
  }

  #leftMs() {
    return Date.parse(this.until) - this.app.api.now()
  }

  #tick() {
    this.requestUpdate()
    if (this.#leftMs() > 0) return
    clearInterval(this.#timer)
    this.dispatchEvent(new Event('over'))
  }
}

define('console-countdown', Countdown)

/** Hours, minutes and seconds, after the days if there are any. */
export function formatCountdown(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / SECOND_MS))
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const days = Math.floor(seconds / 86_400)
  const clock = `${two((seconds % 86_400) / 3_600)}:${two((seconds % 3_600) / 60)}:${two(seconds % 60)}`
  if (days === 0) return clock
  return `${days} ${days === 1 ? 'day' : 'days'} ${clock}`
}
