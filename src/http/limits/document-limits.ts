import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  NoFragmentCyclesRule,
  type OperationDefinitionNode,
  parse,
  type Source,
  type ValidationRule,
  validate,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { type ErrorCode, ParleyError } from '../../errors.ts'
import { DOCUMENT_LIMITS, MAX_REQUEST_ERRORS } from '../../input/limits.ts'
import { plainKeyOf } from '../../input/plain-key.ts'
import type { Requests } from '../request-log.ts'
import { type DocumentShape, shapeOfDocument } from './document-shape.ts'
import { type OperationCosts, operationCosts } from './query-cost.ts'

/**
 * Refuses what would cost too much before it costs it: a long document before it is parsed whole, a large one before
 * it is validated, and one whose answer could be too large before it is executed.
 */
export function useDocumentLimits({ maxQueryCost, requests }: { maxQueryCost: number; requests: Requests }): Plugin {
  return {
    onParse({ params, setParseFn }) {
      refuseLongDocument(String(params.source))
      setParseFn(parseShort)
      return ({ result }) => {
        // Thrown here so that Yoga does not cache it, as it does with documents that can be parsed.
        if (result instanceof Error) throw toParseError(result)
      }
    },
    onValidate({ params, context, setResult, setValidationFn }) {
      setValidationFn(validateBriefly)
      const { documentAST: document, schema } = params as { documentAST: DocumentNode; schema: GraphQLSchema }
      const shape = shapeOf(document)
      if (shape === null) return setResult(validate(schema, document, [NoFragmentCyclesRule]))
      refuseComplex(shape)
      const { operationName, variables } = context['params']
      const operation = getOperationAST(document, operationName)
      if (!operation) return
      const { cost, refused } = badRequest(() => costsOf(schema, document, operation, variables ?? {}))
      if (cost > maxQueryCost) {
        throw tooComplex('cost', maxQueryCost, cost, 'The answer could hold too many fields (ask for smaller pages)')
      }
      // That of a subscription is for all of its events together.
      if (operation.operation === 'subscription') return
      return ({ valid }) => {
        const session = requests.get(context['request'])?.session
        if (!session || !valid) return
        session.cost = { requested: cost, remaining: maxQueryCost - cost }
        session.refusedFields = refused
      }
    },
  }
}

/** Throws if a request with this document would be refused, whatever its variables are. */
export function checkDocument(schema: GraphQLSchema, text: string): void {
  refuseLongDocument(text)
  const document = parsed(text)
  const shape = shapeOf(document)
  if (shape) refuseComplex(shape)
  const [error] = shape ? validateBriefly(schema, document) : validate(schema, document, [NoFragmentCyclesRule])
  if (error) throw error
}

function parsed(text: string): DocumentNode {
  try {
    return parseShort(text)
  } catch (error) {
    throw toParseError(error)
  }
}

const parseShort = (source: string | Source) => parse(source, { maxTokens: DOCUMENT_LIMITS.tokens })

const validateBriefly = (schema: GraphQLSchema, document: DocumentNode, rules?: readonly ValidationRule[]) =>
  validate(schema, document, rules, { maxErrors: MAX_REQUEST_ERRORS })

function refuseComplex(shape: DocumentShape) {
  for (const [name, { limit, what }] of Object.entries(SHAPE_LIMITS)) {
    const value = shape[name as keyof DocumentShape]
    if (value > limit) throw tooComplex(name, limit, value, `The document has ${what}`)
  }
}

/** What `check` refuses, it refuses before anything is executed. */
function badRequest<Result>(check: () => Result): Result {
  try {
    return check()
  } catch (error) {
    if (error instanceof ParleyError) Object.assign(error.extensions, { http: { status: 400 } })
    throw error
  }
}

const SHAPE_LIMITS: Record<keyof DocumentShape, { limit: number; what: string }> = {
  depth: { limit: DOCUMENT_LIMITS.depth, what: 'fields nested too deeply' },
  selections: {
    limit: DOCUMENT_LIMITS.selections,
    what: 'too many fields and fragments, counted each time they are spread',
  },
  rootFields: { limit: DOCUMENT_LIMITS.rootFields, what: 'too many root fields' },
  aliases: { limit: DOCUMENT_LIMITS.aliases, what: 'too many aliases' },
  directives: { limit: DOCUMENT_LIMITS.directives, what: 'too many directives' },
  overlaps: { limit: DOCUMENT_LIMITS.overlaps, what: 'too many pairs of fields with the same response name' },
}

/** A document that is sent again is the same object. */
const shapes = new WeakMap<DocumentNode, DocumentShape | null>()

function shapeOf(document: DocumentNode): DocumentShape | null {
  const known = shapes.get(document)
  if (known !== undefined) return known
  const shape = shapeOfDocument(document, DOCUMENT_LIMITS.selections)
  shapes.set(document, shape)
  return shape
}

/** The cost of the last query by this operation: a page sends the same query again and again. */
const lastCosts = new WeakMap<OperationDefinitionNode, { variables: string; costs: OperationCosts }>()

function costsOf(...asked: Parameters<typeof operationCosts>): OperationCosts {
  const [, , operation, given] = asked
  const variables = plainKeyOf(given)
  const last = lastCosts.get(operation)
  if (last && last.variables === variables) return last.costs
  const costs = operationCosts(...asked)
  if (variables !== null) lastCosts.set(operation, { variables, costs })
  return costs
}

/** The message of graphql-js; nothing else marks this error. */
const TOO_MANY_TOKENS = /^Syntax Error: Document contains more tha[nt] \d+ tokens/

function refuseLongDocument({ length }: string) {
  const limit = DOCUMENT_LIMITS.characters
  if (length <= limit) return
  const message = `The document has ${length} characters; at most ${limit} are accepted. Send values as variables.`
  const extensions = { limitName: 'maxDocumentCharacters', limit, value: length, http: { status: 400 } }
  throw new ParleyError('LIMIT_EXCEEDED', message, extensions)
}

function toParseError(error: unknown): unknown {
  if (!(error instanceof GraphQLError)) return error
  const { tokens } = DOCUMENT_LIMITS
  if (TOO_MANY_TOKENS.test(error.message)) {
    const message = `The document has more than ${tokens} tokens. Send values as variables.`
    const extensions = { limitName: 'maxDocumentTokens', limit: tokens, http: { status: 400 } }
    return new ParleyError('QUERY_TOO_COMPLEX', message, extensions)
  }
  // `spec`: the status 400 is for clients that ask for application/graphql-response+json.
  const code: ErrorCode = 'GRAPHQL_PARSE_FAILED'
  Object.assign(error.extensions, { code, http: { spec: true, status: 400 } })
  return error
}

/** `limitName` is the field of the query `limits`. */
function tooComplex(name: string, limit: number, value: number, problem: string) {
  return new ParleyError('QUERY_TOO_COMPLEX', `${problem}: ${value}; at most ${limit} are accepted.`, {
    limitName: `max${name[0]?.toUpperCase()}${name.slice(1)}`,
    limit,
    // Fragments can multiply to more than a JSON number can hold.
    value: Math.min(value, Number.MAX_SAFE_INTEGER),
    http: { status: 400 },
  })
}
