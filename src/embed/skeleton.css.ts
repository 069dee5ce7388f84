import { css } from 'lit'

/** What the list and the transcript look like before they are there: as high as they will be. */
export const frameStyles = css`
  .conversations,
  .conversation {
    display: flex;
    flex-direction: column;
    overflow: hidden;
  }

  .conversations,
  .conversation,
  .in-place {
    border: 1px solid var(--border);
    border-radius: var(--radius);
    background: var(--background);
  }

  .in-place > .ghost {
    margin: -1px;
  }

  .bar {
    display: flex;
    flex: none;
    align-items: center;
    justify-content: space-between;
    gap: var(--spacing);
    height: 44px;
    padding: 0 calc(var(--spacing) * 2);
    border-bottom: 1px solid var(--border);
  }

  .count {
    color: var(--muted);
    font-variant-numeric: tabular-nums;
  }

  .scroller {
    /* Rounded, so that all rows lie on whole pixels. */
    --row-height: round(up, 2.9em + var(--spacing) * 3.25, 1px);
    height: var(--parley-list-height, 520px);
    overflow-y: auto;
    /* The place is kept by the list itself, which knows its rows. */
    overflow-anchor: none;
    overscroll-behavior: contain;
  }

  .conversation {
    height: var(--parley-transcript-height, 600px);
  }

  .entries {
    flex: 1;
    min-height: 0;
    overflow-y: auto;
    overflow-anchor: none;
    overscroll-behavior: contain;
  }

  .facts {
    --lines: 3;
    flex: none;
    height: calc(1.6em + 1.45em * var(--lines) + var(--spacing) * 3.5 + 1px);
    padding: calc(var(--spacing) * 1.5) calc(var(--spacing) * 2);
    border-bottom: 1px solid var(--border);
  }

  @container (min-width: 560px) {
    .facts {
      --lines: 2;
    }
  }

  @container (min-width: 960px) {
    .facts {
      --lines: 1;
    }
  }

  .facts.waiting .skeleton {
    width: 45%;
    height: 1.2em;
  }

  .entries.waiting {
    display: flex;
    flex-direction: column;
    gap: calc(var(--spacing) * 2);
    padding: calc(var(--spacing) * 2);
  }

  .entries.waiting .skeleton {
    width: 55%;
    height: 4.5em;
  }

  .entries.waiting .answer {
    align-self: flex-end;
  }

  .scroller.waiting,
  .entries.waiting {
    overflow: hidden;
  }

  .waiting-row {
    display: grid;
    align-content: center;
    gap: 0.6em;
    height: var(--row-height);
    padding: 0 calc(var(--spacing) * 2);
    border-bottom: 1px solid var(--border);
  }

  .waiting-row .skeleton {
    width: 60%;
    height: 0.9em;
  }

  .waiting-row .skeleton + .skeleton {
    width: 35%;
  }
`
