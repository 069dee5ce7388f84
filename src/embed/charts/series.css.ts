import { css } from 'lit'

/** The layout of a panel. Its height does not depend on its content. */
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
    /* What scrolls would cut it off. */
    outline-offset: -2px;
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
