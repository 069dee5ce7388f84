import { css } from 'lit'

/** Colours, and where things are on the page. */
export const layout = css`
  :root {
    color-scheme: light dark;
    --primary: light-dark(#3257d6, #8ea6ff);
    --on-primary: light-dark(#ffffff, #10131c);
    --text: light-dark(#1d2230, #e8eaf0);
    --muted: light-dark(#5d6475, #a2a9b8);
    --background: light-dark(#ffffff, #16181d);
    --surface: light-dark(#f5f6f9, #1f2229);
    --border: light-dark(#d5d9e2, #3b404c);
    --danger: light-dark(#b42318, #ff9a8f);
    --on-danger: light-dark(#ffffff, #2a0c08);
    --success: light-dark(#137a4b, #6dd3a2);
    --warning: light-dark(#8a5a00, #f0c46c);
    --radius: 8px;

    font: 14px / 1.5 system-ui, sans-serif;
    color: var(--text);
    background: var(--background);
  }

  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  body {
    margin: 0;
    overflow-wrap: break-word;
  }

  h1,
  h2,
  h3,
  h4,
  p,
  ul,
  ol,
  dl,
  dd,
  figure,
  fieldset {
    margin: 0;
    padding: 0;
  }

  ul,
  ol {
    list-style: none;
  }

  h1 {
    font-size: 22px;
    line-height: 1.3;
  }

  h2 {
    font-size: 17px;
  }

  h3 {
    font-size: 15px;
  }

  h1:focus,
  h2:focus {
    outline: none;
  }

  parley-console {
    display: grid;
    grid-template: auto 1fr / 200px minmax(0, 1fr);
    min-height: 100vh;
  }

  parley-console > console-sign-in {
    grid-column: 1 / -1;
    grid-row: 1 / -1;
  }

  header {
    grid-column: 1 / -1;
    display: flex;
    flex-wrap: wrap;
    gap: 4px 16px;
    align-items: center;
    padding: 8px 24px;
    border-bottom: 1px solid var(--border);
  }

  .brand {
    font-weight: 650;
  }

  .brand span,
  .sign-in h1 span {
    font-weight: 400;
    color: var(--muted);
  }

  .who {
    flex: 1;
    color: var(--muted);
    text-align: end;
  }

  nav {
    padding: 16px 8px;
    border-inline-end: 1px solid var(--border);
  }

  nav ul {
    display: grid;
    gap: 2px;
    position: sticky;
    top: 16px;
  }

  nav a {
    display: block;
    padding: 8px 16px;
    border-radius: var(--radius);
    color: var(--text);
    text-decoration: none;
    white-space: nowrap;
  }

  nav a:hover {
    background: var(--surface);
  }

  nav a[aria-current] {
    background: var(--surface);
    font-weight: 600;
    color: var(--primary);
  }

  main {
    padding: 24px;
    min-width: 0;
    container-type: inline-size;
  }

  main > h1 {
    margin-bottom: 4px;
  }

  .announcement {
    min-height: 21px;
    margin-bottom: 8px;
    color: var(--success);
  }

  /* A page of the console is a column of sections. */
  main > :last-child,
  .section,
  .steps,
  .patterns,
  console-steps,
  console-preview {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 16px;
  }

  .section,
  .patterns {
    gap: 8px;
  }

  .lead {
    max-width: 70ch;
    color: var(--muted);
  }

  .sign-in {
    display: grid;
    gap: 16px;
    align-content: center;
    width: min(420px, 100%);
    min-height: 90vh;
    margin: 0 auto;
  }

  .skip {
    position: absolute;
    inset-inline-start: 8px;
    top: -100px;
    padding: 8px 16px;
    background: var(--background);
    z-index: 1;
  }

  .skip:focus {
    top: 8px;
  }

  dialog.idle {
    padding: 24px;
    border-color: var(--warning);
  }

  dialog.idle[open] {
    display: grid;
    gap: 16px;
  }

  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @media (max-width: 800px) {
    parley-console {
      grid-template: auto auto 1fr / minmax(0, 1fr);
    }

    header,
    main {
      padding-inline: 16px;
    }

    nav {
      padding: 0;
      border-inline-end: 0;
      border-bottom: 1px solid var(--border);
    }

    nav ul {
      display: flex;
      flex-wrap: wrap;
      gap: 0;
      padding: 4px 8px;
    }

    nav a {
      padding: 6px 10px;
    }
  }
`
