/** How many requests were answered in which way: by `200`, or by status and code. */
export type Answers = Record<string, number>

export function count(answers: Answers, outcome: string) {
  answers[outcome] = (answers[outcome] ?? 0) + 1
}

const CODE = /"code":"([A-Z_]+)"/

/** `200`, `503 OVERLOADED`, `200 LIMIT_EXCEEDED`. Errors come before the data; no more of a large answer is read. */
export function outcomeOf(answer: Buffer): string {
  const status = answer.toString('latin1', 9, 12)
  const headEnd = answer.indexOf('\r\n\r\n')
  const text = answer.toString('latin1', headEnd, headEnd + 2_000)
  const tail = answer.subarray(headEnd).subarray(-2_000).toString('latin1')
  const hasErrors = text.includes('"errors"') || tail.includes('"errors"') || status !== '200'
  const code = hasErrors ? (CODE.exec(text) ?? CODE.exec(tail))?.[1] : undefined
  return [status, code ?? (hasErrors && status === '200' ? 'errors' : undefined)].filter(Boolean).join(' ')
}

/** Adds up the `{ "200": 3 }` of each round. */
export function sumOf(all: readonly Answers[]): Answers {
  const sum: Answers = {}
  for (const answers of all)
    for (const [outcome, times] of Object.entries(answers)) sum[outcome] = (sum[outcome] ?? 0) + times
  return sum
}

export const printAnswers = (answers: Answers) =>
  Object.entries(answers)
    .toSorted(([, a], [, b]) => b - a)
    .map(([outcome, times]) => `${times.toLocaleString('en')} × ${outcome}`)
    .join(', ')
