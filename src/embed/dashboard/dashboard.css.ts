import { css } from 'lit'

export const dashboardStyles = css`
  .dashboard {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: calc(var(--spacing) * 2);
  }

  h2 {
    font-size: 1.5em;
    font-weight: 650;
    line-height: 1.25;
  }

  .filters,
  .more {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--spacing);
  }

  /* The other filters may need several lines. The range stays beside the first. */
  .filters {
    align-items: start;
  }

  .more {
    flex: 1;
  }

  .filters > .select {
    flex: none;
    width: 10.5em;
  }

  .select {
    position: relative;
    display: grid;
    /* As wide whatever there is to choose from: what is loaded later moves nothing. */
    flex: 1 1 9em;
    max-width: 13em;
    min-width: 0;
  }

  .select::after {
    content: "";
    position: absolute;
    top: calc(50% - 0.3em);
    right: 0.9em;
    width: 0.4em;
    height: 0.4em;
    border: solid var(--muted);
    border-width: 0 1.5px 1.5px 0;
    transform: rotate(45deg);
    pointer-events: none;
  }

  select {
    appearance: none;
    width: 100%;
    padding-right: 1.8em;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  option {
    background: var(--background);
    color: var(--text);
  }

  .compare {
    display: inline-flex;
    align-items: center;
    gap: calc(var(--spacing) * 0.75);
    padding: 0 calc(var(--spacing) / 2);
    cursor: pointer;
    white-space: nowrap;
  }

  .compare input {
    width: 1.1em;
    height: 1.1em;
    margin: 0;
    accent-color: var(--primary);
    cursor: pointer;
  }

  .export {
    margin-left: auto;
  }

  .toggle {
    display: none;
  }

  .count {
    display: inline-block;
    min-width: 1.5em;
    margin-left: calc(var(--spacing) * 0.75);
    border-radius: 1em;
    background: var(--primary);
    color: var(--background);
    font-size: 0.85em;
    font-variant-numeric: tabular-nums;
    line-height: 1.5em;
    text-align: center;
  }

  .narrow .filters {
    display: grid;
    grid-template-columns: 1fr 1fr;
  }

  .narrow .filters .select {
    width: auto;
    max-width: none;
  }

  .narrow .toggle {
    display: inline-flex;
    align-items: center;
    justify-content: center;
  }

  .narrow .more {
    display: none;
    grid-column: 1 / -1;
  }

  .narrow .open .more {
    display: grid;
    grid-template-columns: 1fr 1fr;
  }

  .narrow .filters :is(button, select) {
    min-height: 40px;
  }

  .narrow .export {
    grid-column: 1 / -1;
    margin-left: 0;
  }

  .panes {
    --pane-height: var(--parley-list-height, 640px);
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: calc(var(--spacing) * 2);
  }

  .wide .panes {
    grid-template-columns: minmax(0, 2fr) minmax(0, 3fr);
  }

  .panes > parley-conversations,
  .wide dialog {
    height: var(--pane-height);
  }

  /* What scrolls inside takes what room there is. */
  parley-conversations,
  parley-conversation {
    --parley-list-height: 100%;
    --parley-transcript-height: 100%;
  }

  parley-conversations::part(root),
  parley-conversation::part(root) {
    display: grid;
    grid-template-rows: minmax(0, 1fr);
    height: 100%;
  }

  /* Its frame is that of the dialog. */
  .narrow parley-conversation::part(conversation) {
    border: 0;
    border-radius: 0;
  }

  .chip {
    display: inline-flex;
    grid-column: 1 / -1;
    align-items: center;
    justify-self: start;
    gap: var(--spacing);
    min-height: 28px;
    border-radius: 1em;
    background: var(--surface);
    font-size: 0.9em;
  }

  .cross {
    color: var(--muted);
    font-size: 1.3em;
    line-height: 1;
  }

  dialog {
    box-sizing: border-box;
    margin: 0;
    padding: 0;
    border: 0;
    background: var(--background);
    color: inherit;
  }

  .wide dialog {
    position: static;
    display: grid;
    grid-template-rows: minmax(0, 1fr);
    width: auto;
    max-width: none;
  }

  .wide .back {
    display: none;
  }

  .narrow dialog[open] {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr);
    width: 100%;
    max-width: none;
    height: 100dvh;
    max-height: none;
  }

  .narrow dialog[open] parley-conversation {
    border-top: 1px solid var(--border);
  }

  .back {
    justify-self: start;
    min-height: 40px;
    margin: calc(var(--spacing) / 2) var(--spacing);
    border-color: transparent;
    color: var(--primary);
    font-weight: 600;
  }

  .back::before {
    content: "";
    display: inline-block;
    width: 0.5em;
    height: 0.5em;
    margin-right: 0.5em;
    border: solid currentcolor;
    border-width: 0 0 2px 2px;
    transform: translateY(-1px) rotate(45deg);
  }

  /* An element may be narrow on a page that is not. */
  @media (min-width: 640px) {
    .narrow dialog[open] {
      width: 560px;
      height: min(90dvh, 800px);
      margin: auto;
      border: 1px solid var(--border);
      border-radius: var(--radius);
    }

    dialog::backdrop {
      background: rgb(0 0 0 / 40%);
    }
  }

  .bar {
    height: 32px;
  }

  .narrow .bar {
    height: 40px;
  }

  .pane {
    height: var(--pane-height);
  }

  .narrow .pane + .pane {
    display: none;
  }
`
