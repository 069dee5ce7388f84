import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Ask } from '../support/server.ts'

/** An example is a document, its variables and the whole answer: NAME.graphql, NAME.json, NAME.expected.json. */
export type Example = (name: string, as?: { ask?: Ask; variant?: string; variablesOf?: string }) => Promise<void>

const pathOf = (product: string, file: string) => join(import.meta.dirname, product, file)
const read = (product: string, file: string) => readFileSync(pathOf(product, file), 'utf8')

/** The examples that were run so far, as `product/NAME` or `product/NAME.VARIANT`. */
const ran = new Set<string>()

/**
 * Runs the examples of one product for one tenant, as its back end would, and holds each answer against the one kept.
 * Ids and cursors, which differ from run to run, are kept as `conv_1`, `msg_2`, `cursor_1`: numbered as they come up,
 * and put back where variables name them. A variant has another answer, and may have other variables (NAME.VARIANT.json),
 * or those of another variant.
 */
export function examplesOf(product: string, ask: Ask): Example {
  const names = new Names()
  return async (name, as = {}) => {
    const file = as.variant ? `${name}.${as.variant}` : name
    ran.add(`${product}/${file}`)
    const sent = as.variablesOf ? `${name}.${as.variablesOf}` : file
    const variables = names.resolve(
      JSON.parse(read(product, `${existsSync(pathOf(product, `${sent}.json`)) ? sent : name}.json`)),
    )
    const { data, errors } = await (as.ask ?? ask)(read(product, `${name}.graphql`), variables)
    // Where an error stands in the document is the document's affair.
    const answer = { data, ...(errors ? { errors: errors.map((error) => ({ ...error, locations: undefined })) } : {}) }
    expect(names.replaceIn(answer), file).toEqual(JSON.parse(read(product, `${file}.expected.json`)))
  }
}

/** Examples of a product that were kept and not run. */
export const notRun = (product: string): string[] =>
  readdirSync(pathOf(product, ''))
    .filter((file) => file.endsWith('.expected.json'))
    .map((file) => `${product}/${file.replace('.expected.json', '')}`)
    .filter((name) => !ran.has(name))

type Json = Record<string, unknown>

const ID = /^(conv|msg|agent|key)_[0-9a-z]{26}$/
const CURSORS = ['cursor', 'startCursor', 'endCursor']

/** Short names for what differs from run to run. */
class Names {
  readonly #real = new Map<string, string>()
  readonly #counts = new Map<string, number>()

  replaceIn(answer: object): unknown {
    return JSON.parse(JSON.stringify(answer), (key, value) => {
      if (typeof value !== 'string') return value
      if (CURSORS.includes(key)) return this.#nameOf(value, 'cursor')
      const [, prefix] = ID.exec(value) ?? []
      return prefix ? this.#nameOf(value, prefix) : value
    })
  }

  resolve(variables: Json): Json {
    return JSON.parse(JSON.stringify(variables), (_key, value) =>
      typeof value === 'string' && this.#real.has(value) ? this.#real.get(value) : value,
    )
  }

  #nameOf(real: string, prefix: string): string {
    for (const [name, known] of this.#real) if (known === real) return name
    const count = (this.#counts.get(prefix) ?? 0) + 1
    this.#counts.set(prefix, count)
    this.#real.set(`${prefix}_${count}`, real)
    return `${prefix}_${count}`
  }
}
