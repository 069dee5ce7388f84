import { css } from 'lit'

export const metricsStyles = css`
  .tiles {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    gap: calc(var(--spacing) * 1.5);
  }

  @container (min-width: 560px) {
    .tiles {
      grid-template-columns: repeat(3, minmax(0, 1fr));
    }
  }

  @container (min-width: 1080px) {
    .tiles {
      grid-template-columns: repeat(6, minmax(0, 1fr));
    }

    .tiles.of-4 {
      grid-template-columns: repeat(4, minmax(0, 1fr));
    }

    .tiles.of-5 {
      grid-template-columns: repeat(5, minmax(0, 1fr));
    }
  }

  .tile {
    display: grid;
    grid-template: auto auto 1fr auto / minmax(0, 1fr);
    gap: calc(var(--spacing) * 0.25);
    min-width: 0;
    padding: calc(var(--spacing) * 1.75);
    border: 1px solid var(--border);
    border-radius: var(--radius);
    background: var(--background);
  }

  dt {
    overflow: hidden;
    color: var(--muted);
    font-size: 0.93em;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .tile .total {
    overflow: hidden;
    font-size: 1.6em;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .tile .change {
    display: grid;
    min-height: 2.9em;
    align-content: start;
  }

  .tile .was {
    overflow: hidden;
    text-overflow: ellipsis;
  }

  .dt {
    font-size: 0.93em;
  }

  .sparkline {
    display: block;
    width: 100%;
    height: 32px;
    margin-top: var(--spacing);
    overflow: visible;
  }

  .spark {
    fill: none;
    stroke: var(--primary);
    stroke-width: 1.75;
    stroke-linejoin: round;
    stroke-linecap: round;
    vector-effect: non-scaling-stroke;
  }

  .spark.partial {
    stroke-opacity: 0.45;
  }

  /* As high as a line of text. */
  .tile .skeleton {
    display: inline-block;
    width: 60%;
    height: 0.8em;
  }

  .tile .total .skeleton {
    width: 80%;
  }
`
