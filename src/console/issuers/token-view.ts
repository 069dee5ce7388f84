import { html, nothing, type TemplateResult } from 'lit'
import { shownName } from '../parts/name.ts'
import { table } from '../parts/table.ts'
import { formatRelative, time } from '../parts/text.ts'
import { type DecodedPart, type DecodedToken, showValue } from './decode-token.ts'
import { type Blame, membersOf, type PartName } from './token-blame.ts'

const TIMES: ReadonlySet<string> = new Set(['iat', 'exp', 'nbf'])
const LATEST_MS = 8.64e15
/** In seconds, it is thousands of years ahead; in milliseconds, it was in 1973. */
const LIKELY_MS = 1e11
const MAX_ROWS = 60

interface Row {
  name: string
  value: unknown
  isMissing: boolean
  blame: Blame | undefined
}

/** The header and the claims of a token. Those that it is refused for are marked. */
export const tokenView = (decoded: DecodedToken, blames: readonly Blame[], nowMs: number): TemplateResult =>
  html`<div class="card">
    <h3>Contents</h3>
    <p class="hint">Decoded in this page, not verified. The signature is not shown.</p>
    ${decoded.problem === null ? nothing : html`<p class="problem">${decoded.problem}</p>`}
    ${partView('header', 'Header', decoded, blames, nowMs)} ${partView('claims', 'Claims', decoded, blames, nowMs)}
  </div>`

function partView(part: PartName, label: string, decoded: DecodedToken, blames: readonly Blame[], nowMs: number) {
  const ofPart = blames.filter((blame) => blame.part === part)
  return html`<div class="section">
    <h4>${label}</h4>
    ${problemView(decoded[part])} ${rowsView(label, rowsOf(membersOf(decoded, part), ofPart), nowMs)}
  </div>`
}

const problemView = (part: DecodedPart) =>
  'problem' in part ? html`<p class="problem">Can’t be read. ${part.problem}</p>` : nothing

function rowsOf(members: Readonly<Record<string, unknown>>, blames: readonly Blame[]): Row[] {
  const blameOf = (name: string) => blames.find((blame) => blame.name === name)
  const given = Object.entries(members).map(([name, value]) => ({
    name,
    value,
    isMissing: false,
    blame: blameOf(name),
  }))
  const missing = blames
    .filter(({ name }) => !Object.hasOwn(members, name))
    .map((blame) => ({ name: blame.name, value: null, isMissing: true, blame }))
  return [...given, ...missing]
}

function rowsView(label: string, rows: readonly Row[], nowMs: number) {
  if (rows.length === 0) return nothing
  // A token can have thousands of claims. Those that are the problem are always shown.
  const shown = rows.filter(({ blame }, index) => index < MAX_ROWS || blame)
  return html`${table<Row>({
    label,
    rows: shown,
    keyOf: ({ name }) => name,
    columns: [
      { label: 'Name', cell: nameCell },
      { label: 'Value', cell: (row) => valueCell(row, nowMs) },
    ],
  })}
  ${shown.length < rows.length ? html`<p class="hint">and ${rows.length - shown.length} more</p>` : nothing}`
}

const nameCell = ({ name, blame }: Row) =>
  html`<span><code>${shownName(name)}</code>${blame ? html` <strong class="badge bad blamed">Problem</strong>` : nothing}</span>`

function valueCell({ name, value, isMissing, blame }: Row, nowMs: number) {
  return html`<span>${isMissing ? html`<span class="hint">missing</span>` : html`<code><bdi>${showValue(value)}</bdi></code>`}
    ${!isMissing && TIMES.has(name) ? html`<span class="sub">${timeNote(value, nowMs)}</span>` : nothing}
    ${blame?.expected.length ? html`<span class="sub">Expected: ${expectedView(blame.expected)}</span>` : nothing}</span>`
}

const expectedView = (expected: readonly string[]) =>
  expected.map((text, index) => html`${index > 0 ? ' or ' : nothing}<code>${shownName(text)}</code>`)

/** A claim as a time, and how far it is from the server's clock. */
function timeNote(value: unknown, nowMs: number): unknown {
  if (typeof value !== 'number') return 'Not a time: it must be a number of seconds.'
  const ms = value * 1_000
  if (Math.abs(value) >= LIKELY_MS) return 'This looks like milliseconds: it must be in seconds since 1970.'
  if (!(Math.abs(ms) <= LATEST_MS)) return 'Not a time.'
  return html`${time(new Date(ms).toISOString())}, ${distance(ms - nowMs)} by the server’s clock`
}

/** Such as 42 seconds ago: how far clocks differ is a matter of seconds. */
export function distance(aheadMs: number): string {
  const seconds = Math.round(Math.abs(aheadMs) / 1_000)
  if (seconds >= 120) return formatRelative(aheadMs)
  const text = `${seconds} second${seconds === 1 ? '' : 's'}`
  return aheadMs > 0 ? `in ${text}` : `${text} ago`
}
