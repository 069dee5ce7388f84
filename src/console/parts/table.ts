import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'

export interface Column<Row> {
  label: string
  cell(row: Row): unknown
}

export interface TableOptions<Row> {
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  keyOf(row: Row): string
  /** The buttons of a row. */
  actions?: (row: Row) => unknown
}

/** A table that becomes a list of cards on a narrow screen. Explicit roles keep it a table for screen readers. */
export const table = <Row>({ label, columns, rows, keyOf, actions }: TableOptions<Row>): TemplateResult =>
  html`<table role="table" aria-label=${label}>
    <thead role="rowgroup">
      <tr role="row">
        ${columns.map((column) => html`<th role="columnheader" scope="col">${column.label}</th>`)}
        ${actions ? html`<th role="columnheader" scope="col"><span class="visually-hidden">Actions</span></th>` : nothing}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${repeat(
        rows,
        keyOf,
        (row) => html`<tr role="row" data-key=${keyOf(row)}>
        ${columns.map((column) => html`<td role="cell" data-label=${column.label}>${column.cell(row)}</td>`)}
        ${actions ? html`<td role="cell" class="actions">${actions(row)}</td>` : nothing}
      </tr>`,
      )}
    </tbody>
  </table>`
