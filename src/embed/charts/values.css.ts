import { css } from 'lit'

/** Styles that charts, tiles and tables of series share. */
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
  }

  @media (prefers-reduced-motion: no-preference) {
    .is-stale {
      transition: opacity 0.15s 0.15s;
    }
  }
`
