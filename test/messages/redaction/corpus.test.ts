import { describe, expect, test } from 'vitest'
import { redactText } from '../../../src/messages/redaction/redact-text.ts'
import { LEFT, REDACTED } from './corpus.ts'

const redact = (text: string) => redactText(text, {})

describe('personal data goes, and every word around it stays', () => {
  for (const [script, texts] of Object.entries(REDACTED)) {
    test(script, () => {
      for (const [text, redacted] of Object.entries(texts)) expect.soft(redact(text), text).toBe(redacted)
    })
  }
})

describe('what only looks like it stays', () => {
  for (const [script, texts] of Object.entries(LEFT)) {
    test(script, () => {
      for (const text of texts) expect.soft(redact(text), text).toBe(text)
    })
  }
})

test('the corpus has at least 200 lines in 12 scripts', () => {
  const lines = [...Object.values(REDACTED).flatMap(Object.keys), ...Object.values(LEFT).flat()]
  expect(new Set(lines).size).toBeGreaterThanOrEqual(200)
  expect(Object.keys(REDACTED).length).toBeGreaterThan(12)
})
