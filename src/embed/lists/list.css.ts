import { css } from '../kit.ts'

/** What the list and the transcript have in common. */
export const sharedStyles = css`
  .status {
    --color: var(--muted);
    display: inline-flex;
    align-items: center;
    gap: 0.4em;
    padding: 0.05em 0.6em;
    border: 1px solid color-mix(in srgb, var(--color) 35%, transparent);
    border-radius: 1em;
    font-size: 0.86em;
    color: var(--color);
    white-space: nowrap;
  }

  .status.active,
  .status.queued,
  .status.ringing {
    --color: var(--primary);
  }

  .status.completed {
    --color: var(--success);
  }

  .status.failed {
    --color: var(--danger);
  }

  .status::before,
  .sentiment:not(:empty)::before {
    content: '';
    display: inline-block;
    flex: none;
    width: 0.5em;
    height: 0.5em;
    border-radius: 50%;
    background: var(--color);
  }

  .status.queued::before,
  .status.ringing::before {
    border: 1px solid var(--color);
    background: none;
  }

  .sentiment {
    --color: var(--muted);
    color: var(--muted);
    white-space: nowrap;
  }

  .sentiment:not(:empty)::before {
    margin-inline-end: 0.5em;
    vertical-align: 0.1em;
  }

  .sentiment.positive {
    --color: var(--success);
  }

  .sentiment.negative {
    --color: var(--danger);
  }
`

export const listStyles = css`
  ${sharedStyles}

  .listbox {
    padding-block: var(--above, 0) var(--below, 0);
    outline: none;
  }

  .scroller:has(.listbox:focus-visible):not(:has(.row.active)) {
    outline: 2px solid var(--primary);
    outline-offset: -2px;
  }

  .fresh {
    min-height: 28px;
    border-color: var(--primary);
    color: var(--primary);
  }

  .row {
    display: grid;
    grid-template:
      'excerpt excerpt excerpt when' auto
      'status about messages sentiment' auto
      / auto minmax(0, 1fr) auto auto;
    align-items: center;
    align-content: center;
    gap: 0.3em var(--spacing);
    height: var(--row-height);
    padding: 0 calc(var(--spacing) * 2);
    border-bottom: 1px solid var(--border);
    cursor: pointer;
  }

  .row:hover {
    background: var(--surface);
  }

  .row[aria-selected='true'] {
    background: color-mix(in srgb, var(--primary) 10%, var(--background));
    box-shadow: inset 3px 0 var(--primary);
  }

  .listbox:focus-visible .row.active {
    outline: 2px solid var(--primary);
    outline-offset: -4px;
    border-radius: var(--radius);
  }

  .excerpt {
    grid-area: excerpt;
    overflow: hidden;
    font-weight: 500;
    /* On the side of the others, whatever the direction of its text. */
    justify-self: start;
    max-width: 100%;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .excerpt.none {
    font-weight: 400;
    font-style: italic;
    color: var(--muted);
  }

  .about {
    grid-area: about;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    color: var(--muted);
  }

  .agents,
  .clock {
    display: none;
  }

  .about,
  .messages,
  .when,
  .row .sentiment {
    font-size: 0.93em;
  }

  .row .status {
    grid-area: status;
    justify-self: start;
  }

  .messages {
    grid-area: messages;
    color: var(--muted);
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }

  .row .sentiment {
    grid-area: sentiment;
  }

  .when {
    grid-area: when;
    justify-self: end;
    color: var(--muted);
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }

  .end {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: var(--spacing);
    height: var(--row-height);
    color: var(--muted);
  }

  @container (min-width: 720px) {
    .row {
      column-gap: calc(var(--spacing) * 2);
      grid-template:
        'excerpt status messages sentiment when' auto
        'about status messages sentiment when' auto
        / minmax(0, 1fr) 7.5em 8em 6em 8.5em;
    }

    .messages {
      justify-self: end;
    }

    .agents,
    .clock {
      display: inline;
    }

    .channel + .agents:not(:empty)::before {
      content: ' · ';
    }
  }
`
