import { css } from '../kit.ts'
import { sharedStyles } from './list.css.ts'

export const transcriptStyles = css`
  ${sharedStyles}

  .conversation {
    position: relative;
  }

  .heading {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: calc(var(--spacing) * 1.5);
    height: 1.6em;
  }

  h2 {
    min-width: 0;
    overflow: hidden;
    font-size: 1.1em;
    font-weight: 600;
    line-height: 1.45;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  /* What it leaves of its height is the transcript's. */
  .facts:not(.waiting) {
    height: auto;
  }

  .facts ul {
    display: flex;
    flex-wrap: wrap;
    align-content: start;
    gap: 0 1.2em;
    max-height: calc(1.45em * var(--lines));
    margin-top: calc(var(--spacing) * 0.5);
    overflow: hidden;
    color: var(--muted);
  }

  .facts li {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
  }

  .entries ol {
    display: flex;
    flex-direction: column;
    gap: calc(var(--spacing) * 1.5);
    padding: calc(var(--spacing) * 2);
  }

  .earlier {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: var(--spacing);
    padding-top: calc(var(--spacing) * 1.5);
  }

  .earlier button[aria-disabled='true'] {
    color: var(--muted);
    cursor: default;
  }

  .day {
    display: flex;
    align-items: center;
    gap: calc(var(--spacing) * 1.5);
    color: var(--muted);
    font-size: 0.86em;
  }

  .day::before,
  .day::after {
    content: '';
    flex: 1;
    border-top: 1px solid var(--border);
  }

  .chat {
    display: grid;
    gap: 0.3em;
    align-self: flex-start;
    max-width: min(85%, 46em);
  }

  .chat.assistant,
  .chat.human-agent {
    align-self: flex-end;
  }

  .chat.system {
    align-self: stretch;
    max-width: none;
  }

  .author {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 0.6em;
    color: var(--muted);
    font-size: 0.86em;
  }

  .assistant .author,
  .human-agent .author {
    justify-content: flex-end;
  }

  .author .name,
  .author .role:first-child {
    color: var(--text);
    font-weight: 600;
  }

  .author .name {
    overflow-wrap: anywhere;
  }

  time {
    font-variant-numeric: tabular-nums;
  }

  .content {
    padding: calc(var(--spacing) * 1.1) calc(var(--spacing) * 1.5);
    border: 1px solid var(--border);
    border-radius: calc(var(--radius) * 1.5);
    background: var(--surface);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }

  .user .content {
    border-start-start-radius: 2px;
    justify-self: start;
  }

  .assistant .content {
    border-start-end-radius: 2px;
    border-color: color-mix(in srgb, var(--primary) 25%, var(--background));
    background: color-mix(in srgb, var(--primary) 10%, var(--background));
    justify-self: end;
  }

  .human-agent .content {
    border-start-end-radius: 2px;
    border-color: color-mix(in srgb, var(--success) 30%, var(--background));
    border-inline-end: 4px solid var(--success);
    background: color-mix(in srgb, var(--success) 8%, var(--background));
    justify-self: end;
  }

  .system .content {
    border-style: dashed;
    background: none;
    color: var(--muted);
  }

  .opinion,
  .attachments {
    display: flex;
    flex-wrap: wrap;
    gap: 0.3em 1.2em;
    font-size: 0.86em;
    color: var(--muted);
  }

  .assistant :is(.opinion, .attachments),
  .human-agent :is(.opinion, .attachments) {
    justify-content: flex-end;
  }

  .attachments li {
    max-width: 100%;
    padding: 0.2em 0.8em;
    border: 1px solid var(--border);
    border-radius: var(--radius);
    overflow-wrap: anywhere;
  }

  a {
    color: var(--primary);
  }

  .tool {
    align-self: stretch;
    border: 1px solid var(--border);
    border-radius: var(--radius);
    font-size: 0.93em;
  }

  .summary {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 0.7em;
    padding: calc(var(--spacing) * 0.75) calc(var(--spacing) * 1.5);
    color: var(--muted);
    overflow-wrap: anywhere;
  }

  summary {
    border-radius: var(--radius);
    cursor: pointer;
  }

  summary::before {
    content: '';
    flex: none;
    align-self: center;
    width: 0.4em;
    height: 0.4em;
    border: solid var(--muted);
    border-width: 0 1.5px 1.5px 0;
    transform: rotate(-45deg);
  }

  details[open] > summary::before {
    transform: rotate(45deg);
  }

  summary:hover {
    background: var(--surface);
  }

  .tool .summary {
    flex-wrap: nowrap;
  }

  .tool .summary > :not(.name) {
    flex: none;
  }

  .tool .name {
    min-width: 0;
    color: var(--text);
    font-weight: 600;
  }

  .tool time {
    margin-inline-start: auto;
  }

  .failed {
    color: var(--danger);
    font-weight: 600;
  }

  .label {
    padding: calc(var(--spacing) * 0.5) calc(var(--spacing) * 1.5) 0;
    color: var(--muted);
    font-size: 0.86em;
  }

  pre {
    max-height: 320px;
    margin: 0.3em calc(var(--spacing) * 1.5) calc(var(--spacing) * 1.25);
    padding: var(--spacing) calc(var(--spacing) * 1.25);
    overflow: auto;
    border-radius: var(--radius);
    background: var(--surface);
    font-family: ui-monospace, monospace;
    font-size: 0.93em;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    text-align: start;
  }

  .event {
    align-self: center;
    max-width: 100%;
    font-size: 0.86em;
  }

  .event .summary {
    justify-content: center;
    padding-block: 0;
  }

  .unread {
    position: absolute;
    inset-block-end: calc(var(--spacing) * 1.5);
    inset-inline-start: 50%;
    transform: translateX(-50%);
    border-color: var(--primary);
    border-radius: 2em;
    color: var(--primary);
    box-shadow: 0 2px 8px rgb(0 0 0 / 20%);
  }
`
