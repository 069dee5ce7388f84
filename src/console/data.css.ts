import { css } from 'lit'

/** Tables, notices and what else shows data. */
export const data = css`
  table {
    width: 100%;
    border-collapse: collapse;
  }

  th {
    font-weight: 600;
    color: var(--muted);
    white-space: nowrap;
  }

  th,
  td {
    padding: 8px 12px 8px 0;
    border-bottom: 1px solid var(--border);
    text-align: start;
    vertical-align: top;
  }

  td.actions {
    padding-inline-end: 0;
    text-align: end;
  }

  td.actions > .buttons {
    flex-wrap: nowrap;
    justify-content: end;
  }

  td button {
    min-height: 30px;
    padding: 0 10px;
  }

  /* Names and ids may be one long word; others would be broken too soon without a width of their own. */
  td {
    min-width: 84px;
    overflow-wrap: anywhere;
  }

  td:first-child {
    min-width: 190px;
  }

  td .sub {
    display: block;
    overflow-wrap: anywhere;
    font-size: 13px;
    color: var(--muted);
  }

  /* Cards, if a table with buttons would be wider than the page. */
  @container (width < 1000px) {
    table,
    tbody,
    tr,
    td {
      display: block;
    }

    thead {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }

    tr {
      padding: 12px 0;
      border-bottom: 1px solid var(--border);
    }

    td,
    td.actions {
      min-width: 0;
      display: grid;
      grid-template-columns: 110px minmax(0, 1fr);
      gap: 8px;
      padding: 2px 0;
      border: 0;
      text-align: start;
    }

    td::before {
      content: attr(data-label);
      color: var(--muted);
    }

    td.actions::before {
      content: none;
    }

    td.actions {
      display: block;
      padding-top: 8px;
    }

    td.actions > .buttons {
      flex-wrap: wrap;
      justify-content: start;
    }
  }

  dl.facts {
    display: grid;
    grid-template-columns: minmax(120px, auto) minmax(0, 1fr);
    gap: 6px 16px;
    margin: 0;
  }

  dl.facts dt {
    color: var(--muted);
  }

  .card {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 12px;
    padding: 16px;
    border: 1px solid var(--border);
    border-radius: var(--radius);
  }

  /* Two things to compare, beside each other if there is room. */
  .pair {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(380px, 100%), 1fr));
    gap: 16px;
    align-items: start;
  }

  tr:has(.blamed) {
    background: var(--surface);
    box-shadow: inset 3px 0 var(--danger);
  }

  tr:has(.blamed) > td:first-child {
    padding-inline-start: 12px;
  }

  .card > button {
    justify-self: start;
  }

  .preview {
    padding: 12px;
    border: 2px dashed var(--border);
    border-radius: var(--radius);
  }

  @container (width < 1000px) {
    tr:has(.blamed) {
      padding-inline: 12px;
    }

    tr:has(.blamed) > td:first-child {
      padding-inline-start: 0;
    }
  }

  .notice {
    display: grid;
    gap: 4px;
    justify-items: start;
    padding: 10px 14px;
    border: 1px solid var(--border);
    border-inline-start: 4px solid var(--primary);
    border-radius: var(--radius);
    background: var(--surface);
  }

  /* A message that is by its field already isn't said twice. */
  .at-field,
  dialog:has([aria-invalid='true']) p:has(+ .at-field) {
    display: none;
  }

  dialog:has([aria-invalid='true']) .at-field {
    display: block;
  }

  .notice.danger {
    border-inline-start-color: var(--danger);
  }

  .notice.warning {
    border-inline-start-color: var(--warning);
  }

  .notice.success {
    border-inline-start-color: var(--success);
  }

  .empty {
    display: grid;
    gap: 8px;
    justify-items: start;
    padding: 24px;
    border: 1px dashed var(--border);
    border-radius: var(--radius);
  }

  .badges {
    display: flex;
    flex-wrap: wrap;
    gap: 4px;
  }

  .badge {
    display: inline-block;
    padding: 0 8px;
    border: 1px solid var(--border);
    border-radius: 99px;
    font-size: 12px;
    line-height: 20px;
    white-space: nowrap;
  }

  .badge.good {
    border-color: var(--success);
    color: var(--success);
  }

  .badge.bad {
    border-color: var(--danger);
    color: var(--danger);
  }

  code,
  .mono {
    overflow-wrap: anywhere;
  }

  code,
  .mono,
  .countdown {
    font-family: ui-monospace, monospace;
    font-size: 13px;
  }

  .countdown {
    font-variant-numeric: tabular-nums;
  }

  .snippet {
    border: 1px solid var(--border);
    border-radius: var(--radius);
    overflow: hidden;
  }

  .snippet figcaption {
    display: flex;
    gap: 8px;
    align-items: center;
    justify-content: space-between;
    padding: 6px 6px 6px 12px;
    border-bottom: 1px solid var(--border);
    background: var(--surface);
  }

  .snippet pre {
    margin: 0;
    padding: 12px;
    overflow: auto;
    overflow-wrap: normal;
  }

  .snippet pre:focus-visible {
    outline-offset: -2px;
  }
`
