import { css } from 'lit'

/** What charts, tiles and tables of series have in common. */
export const values = css`
  data {
    font-variant-numeric: tabular-nums;
  }

  .total {
    font-size: 1.6em;
    font-weight: 600;
    line-height: 1.25;
    letter-spacing: -0.01em;
  }

  .change {
    display: inline-flex;
    flex-wrap: wrap;
    gap: 0 0.6em;
    align-items: baseline;
    font-size: 0.9em;
  }

  .delta {
    font-weight: 600;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }

  .good {
    color: var(--success);
  }

  .bad {
    color: var(--danger);
  }

  .was {
    color: var(--muted);
    font-weight: 400;
    white-space: nowrap;
  }

  .is-stale {
    opacity: 0.6;
    transition: opacity 0.15s 0.15s;
  }
`

export const seriesStyles = css`
  .root {
    --chart-height: var(--parley-chart-height, 220px);
  }

  .panels {
    display: grid;
    gap: calc(var(--spacing) * 3);
  }

  .panel {
    display: grid;
    gap: calc(var(--spacing) * 0.5);
    min-width: 0;
  }

  .head {
    display: flex;
    align-items: center;
    gap: var(--spacing);
    height: 28px;
  }

  .title {
    flex: 1;
    min-width: 0;
    overflow: hidden;
    font-weight: 600;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .quiet {
    min-height: 28px;
    padding: 0 0.6em;
    border-color: transparent;
    background: transparent;
    color: var(--muted);
    font-size: 0.9em;
    white-space: nowrap;
  }

  .numbers {
    display: flex;
    align-items: baseline;
    gap: calc(var(--spacing) * 1.5);
    height: 34px;
    min-width: 0;
    white-space: nowrap;
  }

  .numbers .change {
    flex-wrap: nowrap;
    min-width: 0;
  }

  .numbers .was {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
  }

  .head data {
    font-weight: 600;
  }

  .legend {
    display: flex;
    align-items: center;
    gap: calc(var(--spacing) * 0.5);
    height: 34px;
    margin: 0 -4px;
    padding: 0 4px;
    overflow-x: auto;
    scrollbar-width: none;
  }

  .legend button {
    display: inline-flex;
    flex: none;
    align-items: center;
    gap: 0.5em;
    min-height: 26px;
    max-width: 18em;
    padding: 0 0.7em;
    border-radius: 13px;
    font-size: 0.9em;
    white-space: nowrap;
  }

  .legend .name {
    overflow: hidden;
    text-overflow: ellipsis;
  }

  .legend data {
    color: var(--muted);
  }

  .legend [aria-pressed='false'] {
    border-style: dashed;
    color: var(--muted);
  }

  .legend [aria-pressed='false'] .name {
    text-decoration: line-through;
  }

  .legend [aria-pressed='false'] .swatch {
    opacity: 0.25;
  }

  .swatch {
    flex: none;
    width: 10px;
    height: 10px;
    border-radius: 3px;
    background: currentColor;
  }

  .plot,
  .table {
    position: relative;
    height: var(--chart-height);
  }

  .plot {
    border-radius: var(--radius);
    cursor: pointer;
    touch-action: pan-y;
  }

  .plot:focus-visible {
    outline-offset: -2px;
  }

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

  tfoot th,
  tfoot td {
    bottom: 0;
    border-bottom: 0;
  }

  .in-place > .nothing {
    display: grid;
    place-content: center;
    align-self: start;
    height: var(--chart-height);
    margin-top: 60px;
    color: var(--muted);
    pointer-events: none;
  }

  .nothing p {
    padding: 0 var(--spacing);
    background: var(--background);
  }

  .skeleton.title {
    flex: none;
    width: 9em;
    height: 14px;
  }

  .numbers .skeleton {
    width: 6em;
    height: 22px;
  }
`
