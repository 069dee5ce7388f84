import { type DocumentNode, parse, validate } from 'graphql'
import { shapeOfDocument } from '../../src/http/limits/document-shape.ts'
import { operationCosts } from '../../src/http/limits/query-cost.ts'
import { DOCUMENT_LIMITS } from '../../src/input/limits.ts'
import { schema } from '../../src/schema/schema.ts'

/** What hostile documents cost before they are refused, beside what validating them would: `node test/bench/refusals.ts` */

const RUNS = 50
const times = (count: number, each: string) => Array.from({ length: count }, () => each).join(' ')

const documents: Record<string, string> = {
  'overlapping inline fragments, 6.7 KB': `{ ${times(220, '... on Query{viewer{name}}')} }`.padEnd(6_700),
  'overlapping lists with arguments': `{ ${times(88, 'conversations(filter:{search:"a",labels:["a","b"]}){nodes{id}}')} }`,
  'one field 1,990 times': `{ viewer { ${times(1_990, 'name')} } }`,
  'fan-out of 180 fragments': `{ ...F0 } ${Array.from({ length: 180 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`).join(' ')}`,
  'nested 600 deep': `${times(600, '{ node')} { id } ${times(600, '}')}`,
  'as slow as what is let through': `{ ${times(25, `conversations(filter: { search: "${'x'.repeat(2_500)}" }) { nodes { id } }`)} }`,
}

/** The least of many runs, milliseconds: what is above it is the machine's. */
function fastest(work: () => void): string {
  let least = Number.POSITIVE_INFINITY
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now()
    work()
    least = Math.min(least, performance.now() - start)
  }
  return `${least.toFixed(2)} ms`
}

const rows = Object.entries(documents).map(([name, text]) => {
  const read = () => parse(text, { maxTokens: DOCUMENT_LIMITS.tokens })
  const document: DocumentNode = read()
  const [operation] = document.definitions
  const count = () => {
    shapeOfDocument(document, DOCUMENT_LIMITS.selections)
    if (operation?.kind === 'OperationDefinition') operationCosts(schema, document, operation, {})
  }
  return {
    document: name,
    KB: (text.length / 1_000).toFixed(1),
    parse: fastest(read),
    count: fastest(count),
    'validate (not reached)': fastest(() => validate(schema, document)),
  }
})
console.table(rows)
