import { css } from 'lit'

/** The log keeps its place while events come: the line that announces them has a height of its own. */
export const audit = css`
  .live {
    position: sticky;
    top: 0;
    z-index: 1;
    display: flex;
    gap: 8px 16px;
    align-items: center;
    min-height: 48px;
    background: var(--background);
  }

  .live .check {
    flex: none;
  }

  .live [role='status'] {
    flex: 1;
    font-size: 13px;
    line-height: 1.4;
    color: var(--muted);
  }

  .choices .checks {
    grid-template-columns: repeat(auto-fill, minmax(min(240px, 100%), 1fr));
    padding-top: 8px;
  }

  summary {
    width: fit-content;
    cursor: pointer;
    color: var(--primary);
  }

  /* Short words of the details stay whole. */
  @media (min-width: 1100px) {
    td:has(details[open]) {
      min-width: 340px;
    }
  }

  td dl.facts {
    grid-template-columns: fit-content(50%) minmax(0, 1fr);
    padding-top: 4px;
    font-size: 13px;
  }
`
