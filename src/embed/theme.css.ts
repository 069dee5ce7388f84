import { css } from 'lit'

/**
 * The look of all elements. A page sets the `--parley-…` properties; what it does not set fits light and dark pages by
 * `color-scheme`. The root takes nothing from the page's styles, not even those marked important: what a page sets on
 * all its elements would otherwise be inherited from the host element.
 */
export const theme = css`
  /* In a row of a page it takes the room that is left. */
  :host {
    display: block;
    flex-grow: 1;
  }

  :host([hidden]) {
    display: none;
  }

  .root {
    all: initial;
    /* All is not these two. What the page says by its attributes is kept. */
    direction: ltr;
    unicode-bidi: isolate;
    color-scheme: inherit;
    /* Of a part of the page that is hidden, such as a tab. */
    visibility: inherit;
    display: block;
    box-sizing: border-box;
    container-type: inline-size;
    /* Where the parent is as wide as what is in it, such as a cell of a table: there is no such width of a container. */
    contain-intrinsic-inline-size: 200px;

    --primary: var(--parley-color-primary, light-dark(#3257d6, #8ea6ff));
    --text: var(--parley-color-text, light-dark(#1d2230, #e8eaf0));
    --muted: var(--parley-color-muted, light-dark(#5d6475, #a2a9b8));
    --background: var(--parley-color-background, light-dark(#ffffff, #16181d));
    --surface: var(--parley-color-surface, light-dark(#f5f6f9, #1f2229));
    --border: var(--parley-color-border, light-dark(#e1e4eb, #343842));
    --danger: var(--parley-color-danger, light-dark(#b42318, #ff9a8f));
    --success: var(--parley-color-success, light-dark(#137a4b, #6dd3a2));
    --font-size: var(--parley-font-size, 14px);
    --spacing: var(--parley-spacing, 8px);
    --radius: var(--parley-radius, 8px);
    --series-1: var(--parley-series-1, var(--primary));
    --series-2: var(--parley-series-2, light-dark(#c2570c, #f5a15c));
    --series-3: var(--parley-series-3, light-dark(#0f7b6c, #4fc9b5));
    --series-4: var(--parley-series-4, light-dark(#a3298f, #e58ad4));
    --series-5: var(--parley-series-5, light-dark(#8a6d00, #d9bd4a));
    --series-6: var(--parley-series-6, light-dark(#6d3fd1, #b79cf7));
    --series-7: var(--parley-series-7, light-dark(#1b6fa8, #6bb9ee));
    --series-8: var(--parley-series-8, light-dark(#6b7280, #a9b0bd));

    font-family: var(--parley-font-family, system-ui, sans-serif);
    font-size: var(--font-size);
    line-height: 1.45;
    color: var(--text);
    overflow-wrap: break-word;
  }

  :host(:dir(rtl)) .root {
    direction: rtl;
  }

  /* SVG has no forced colours of its own. */
  @media (forced-colors: active) {
    .root {
      --muted: CanvasText;
    }

    .swatch {
      forced-color-adjust: none;
    }
  }

  .root *,
  .root *::before,
  .root *::after {
    box-sizing: border-box;
  }

  h2,
  h3,
  p,
  ol,
  ul,
  dl,
  dd,
  figure {
    margin: 0;
    padding: 0;
  }

  ol,
  ul {
    list-style: none;
  }

  button,
  select,
  input {
    font: inherit;
    color: inherit;
  }

  button,
  select {
    min-height: 32px;
    padding: 0 calc(var(--spacing) * 1.25);
    border: 1px solid var(--border);
    border-radius: var(--radius);
    background: var(--background);
    cursor: pointer;
  }

  button:hover,
  select:hover {
    background: var(--surface);
  }

  :focus-visible {
    outline: 2px solid var(--primary);
    outline-offset: 2px;
  }

  .card {
    padding: calc(var(--spacing) * 2);
    border: 1px solid var(--border);
    border-radius: var(--radius);
    background: var(--background);
  }

  .in-place {
    display: grid;
    grid-template-rows: minmax(0, 1fr);
  }

  /* A slot has no box of its own. */
  .in-place > *,
  .in-place > slot > *,
  .in-place > slot::slotted(*) {
    grid-area: 1 / 1;
    min-width: 0;
  }

  /* A slot has no box of its own otherwise, and what is in it no place. */
  .in-place > slot {
    display: grid;
  }

  .ghost {
    overflow: hidden;
    visibility: hidden;
  }

  .placed {
    display: grid;
    align-content: center;
    /* Else it would be below the screen in what is long. */
    max-height: 440px;
  }

  .message {
    display: grid;
    justify-items: center;
    align-content: center;
    gap: var(--spacing);
    padding: calc(var(--spacing) * 3);
    color: var(--muted);
    text-align: center;
  }

  .code {
    font-size: 0.85em;
  }

  .skeleton {
    border-radius: var(--radius);
    background: var(--surface);
  }

  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`
