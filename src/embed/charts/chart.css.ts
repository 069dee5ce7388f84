import { css } from 'lit'

/** The marks of a chart, and the details of a point. */
export const chartStyles = css`
  svg {
    position: absolute;
    inset: 0;
    display: block;
  }

  .tick {
    fill: var(--muted);
    font-size: 0.82em;
    font-variant-numeric: tabular-nums;
  }

  .grid {
    stroke: var(--border);
  }

  .zero {
    stroke: color-mix(in srgb, var(--muted) 65%, var(--background));
  }

  .active {
    fill: var(--muted);
    fill-opacity: 0.12;
  }

  .s1 {
    color: var(--series-1);
  }
  .s2 {
    color: var(--series-2);
  }
  .s3 {
    color: var(--series-3);
  }
  .s4 {
    color: var(--series-4);
  }
  .s5 {
    color: var(--series-5);
  }
  .s6 {
    color: var(--series-6);
  }
  .s7 {
    color: var(--series-7);
  }
  .s8 {
    color: var(--series-8);
  }

  .bar {
    fill: currentColor;
  }

  .bar.partial {
    fill-opacity: 0.4;
    stroke: currentColor;
    stroke-width: 1;
    stroke-dasharray: 3 2;
  }

  rect.previous {
    fill: currentColor;
    fill-opacity: 0.22;
  }

  rect.previous.whole {
    color: var(--muted);
  }

  .line {
    fill: none;
    stroke: currentColor;
    stroke-width: 2;
    stroke-linejoin: round;
    stroke-linecap: round;
  }

  .line.partial {
    stroke-opacity: 0.45;
  }

  .line.previous {
    stroke-width: 1.5;
    stroke-opacity: 0.65;
    stroke-dasharray: 4 4;
  }

  .dot {
    fill: currentColor;
    stroke: var(--background);
    stroke-width: 1.5;
  }

  .dot.partial {
    fill: var(--background);
    stroke: currentColor;
  }

  .tooltip {
    position: absolute;
    z-index: 1;
    top: 8px;
    left: 0;
    display: grid;
    gap: 2px;
    max-width: min(100%, 22em);
    padding: 8px 10px;
    border: 1px solid var(--border);
    border-radius: var(--radius);
    background: var(--background);
    box-shadow: 0 4px 16px rgb(0 0 0 / 0.14);
    font-size: 0.9em;
    pointer-events: none;
  }

  .tooltip .when {
    font-weight: 600;
  }

  .tooltip table {
    width: auto;
    margin: 0 -6px;
    font-size: 1em;
  }

  .tooltip td {
    padding: 2px 6px;
    border: 0;
    font-variant-numeric: tabular-nums;
  }

  .tooltip .swatch {
    display: block;
  }

  .tooltip .name {
    width: 100%;
    max-width: 14em;
    overflow: hidden;
    color: var(--muted);
    text-align: start;
    text-overflow: ellipsis;
  }

  .tooltip .is-active .name {
    color: var(--text);
    font-weight: 600;
  }

  .tag {
    color: var(--muted);
    font-size: 0.9em;
    font-weight: 400;
  }

  .table {
    overflow: auto;
    border: 1px solid var(--border);
    border-radius: var(--radius);
  }

  table {
    width: 100%;
    border-collapse: collapse;
    font-size: 0.93em;
  }

  th,
  td {
    padding: 5px 12px;
    border-bottom: 1px solid var(--border);
    text-align: end;
    white-space: nowrap;
    font-weight: 400;
  }

  th:first-child {
    position: sticky;
    left: 0;
    background: var(--background);
    text-align: start;
  }

  thead th,
  tfoot th,
  tfoot td {
    position: sticky;
    background: var(--surface);
    font-weight: 600;
  }

  thead th {
    top: 0;
    z-index: 1;
  }

  thead th:first-child,
  tfoot th:first-child {
    z-index: 2;
    background: var(--surface);
  }

  tfoot th,
  tfoot td {
    bottom: 0;
    border-bottom: 0;
  }
`
