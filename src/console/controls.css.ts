import { css } from 'lit'

/** Buttons, fields and dialogs. */
export const controls = css`
  button,
  input,
  select,
  textarea {
    font: inherit;
    color: inherit;
  }

  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    min-height: 34px;
    padding: 0 14px;
    border: 1px solid var(--border);
    border-radius: var(--radius);
    background: var(--background);
    color: var(--text);
    text-decoration: none;
    white-space: nowrap;
    cursor: pointer;
  }

  button:hover:not(:disabled),
  .button:hover {
    background: var(--surface);
  }

  button:disabled {
    color: var(--muted);
    cursor: default;
  }

  button.primary:not(:disabled) {
    border-color: var(--primary);
    background: var(--primary);
    color: var(--on-primary);
  }

  button.danger:not(:disabled) {
    border-color: var(--danger);
    background: var(--danger);
    color: var(--on-danger);
  }

  button.link {
    min-height: 0;
    padding: 0;
    border: 0;
    background: none;
    color: var(--primary);
    text-align: start;
    text-decoration: underline;
    white-space: normal;
  }

  a {
    color: var(--primary);
  }

  :focus-visible {
    outline: 2px solid var(--primary);
    outline-offset: 2px;
  }

  input:not([type='checkbox']),
  select,
  textarea {
    width: 100%;
    min-height: 36px;
    padding: 6px 10px;
    border: 1px solid light-dark(#868d9c, #6b7282);
    border-radius: var(--radius);
    background: var(--background);
  }

  textarea {
    font-family: ui-monospace, monospace;
    font-size: 13px;
  }

  textarea {
    resize: vertical;
  }

  :is(input, select, textarea)[aria-invalid='true'] {
    border-color: var(--danger);
  }

  .field {
    display: grid;
    gap: 4px;
    min-width: 0;
    border: 0;
  }

  fieldset.plain {
    min-width: 0;
    border: 0;
  }

  .field > label,
  legend {
    padding: 0;
    font-weight: 600;
  }

  .optional {
    font-weight: 400;
    color: var(--muted);
  }

  .hint,
  .code {
    font-size: 13px;
    color: var(--muted);
  }

  .problem {
    color: var(--danger);
  }

  .problem:empty {
    display: none;
  }

  .checks {
    display: grid;
    gap: 6px;
  }

  .checks li,
  .check {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0 8px;
    align-items: center;
  }

  .checks .hint,
  .check .hint {
    grid-column: 2;
  }

  input[type='checkbox'] {
    width: 16px;
    height: 16px;
    margin: 0;
    accent-color: var(--primary);
  }

  .buttons,
  .toolbar {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    align-items: end;
  }

  .toolbar .field {
    min-width: min(180px, 100%);
  }

  .toolbar input[type='text'] {
    width: 180px;
    max-width: 100%;
  }

  .toolbar .end {
    margin-inline-start: auto;
  }

  dialog {
    width: min(560px, calc(100vw - 24px));
    max-width: none;
    max-height: calc(100dvh - 24px);
    /* The buttons stay at its bottom, and must not cover the field with the focus. */
    scroll-padding-bottom: 84px;
    padding: 0;
    border: 1px solid var(--border);
    border-radius: var(--radius);
    background: var(--background);
    color: var(--text);
  }

  dialog::backdrop {
    background: rgb(0 0 0 / 45%);
  }

  dialog form {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 16px;
    padding: 24px;
  }

  .dialog-body,
  form.fields {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 16px;
  }

  form.fields {
    max-width: 560px;
  }

  dialog form > .buttons {
    position: sticky;
    bottom: 0;
    justify-content: end;
    margin: 0 -24px -24px;
    padding: 16px 24px;
    border-top: 1px solid var(--border);
    background: var(--background);
  }

  .secret {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 4px 8px;
    align-items: start;
  }

  .secret label {
    grid-column: 1 / -1;
    font-weight: 600;
  }

  .secret textarea {
    resize: none;
    word-break: break-all;
  }

  /* Where colours can't, thicker borders tell what matters. */
  @media (forced-colors: active) {
    button.primary,
    button.danger,
    :is(input, select, textarea)[aria-invalid='true'] {
      border-width: 3px;
    }

    nav a[aria-current] {
      text-decoration: underline;
    }
  }

  @media (max-width: 500px) {
    dialog form {
      padding: 16px;
    }

    dialog form > .buttons {
      margin: 0 -16px -16px;
      padding: 16px;
    }
  }
`
