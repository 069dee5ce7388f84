import { css } from 'lit'

export const limits = css`
  .rate {
    display: grid;
    grid-template-columns: minmax(0, 2fr) minmax(80px, 1fr) minmax(0, 2fr);
    gap: 4px 16px;
    align-items: center;
  }

  .rate meter {
    width: 100%;
  }

  @container (width >= 1000px) {
    td > code {
      white-space: nowrap;
    }
  }

  .section > dl.facts .badge {
    white-space: normal;
  }

  @media (max-width: 800px) {
    .rate {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`
