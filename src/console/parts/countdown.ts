import { html, type PropertyDeclarations, type TemplateResult } from 'lit'
import { define } from '../../embed/define.ts'
import { Part } from '../part.ts'

const SECOND_MS = 1_000

/** The time left until a moment, such as 23:59:59, by the server's clock. Fires `over` once, at the end. */
export class Countdown extends Part {
  static override properties: PropertyDeclarations = { until: {} }

  declare until: string
  #stop: () => void = () => {}

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stop = everySecond(() => this.#tick())
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop()
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
    this.#stop()
    this.dispatchEvent(new Event('over'))
  }
}

define('console-countdown', Countdown)

const ticks = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

/** All tick together, so that a long list is laid out once a second. Returns a function that stops this one. */
function everySecond(tick: () => void): () => void {
  ticks.add(tick)
  timer ??= setInterval(() => {
    for (const each of ticks) each()
  }, SECOND_MS)
  return () => {
    ticks.delete(tick)
    if (ticks.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** Hours, minutes and seconds, after the days if there are any. */
export function formatCountdown(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / SECOND_MS))
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const days = Math.floor(seconds / 86_400)
  const clock = `${two((seconds % 86_400) / 3_600)}:${two((seconds % 3_600) / 60)}:${two(seconds % 60)}`
  if (days === 0) return clock
  return `${days} ${days === 1 ? 'day' : 'days'} ${clock}`
}
