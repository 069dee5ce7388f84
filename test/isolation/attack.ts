import { getNamedType, isObjectType } from 'graphql'
import { TypeID } from 'typeid-js'
import { knownField } from '../../src/graphql/known-fields.ts'
import { rootReadsOf } from '../../src/graphql/read-extensions.ts'
import type { Credential, TestServer } from '../support/server.ts'
import { cases, isAccountField, nestedCases } from './cases.ts'
import { rowCases } from './cases-read.ts'
import type { Planted } from './plant.ts'
import {
  type Arguments,
  type Document,
  type NestedArguments,
  rootFields,
  selectEverything,
} from './select-everything.ts'
import { readable, send } from './send.ts'

/** One request of an attack, and what came of it. */
export interface Attempt {
  /** `Query.field #n`, or `Query.field > Type.field #n` for arguments below the root. */
  name: string
  field: string
  status: number
  /** As it came, with the cursors read. */
  text: string
  /** The other's texts and ids in the answer that the attacker did not send. */
  leaked: string[]
}

export interface Attack {
  credential: Credential
  /** Whose rows are asked for. */
  other: Planted
  /** The attacker's own. */
  own: Planted
  /** What must not be seen: see `secretsOf`. */
  secrets: readonly string[]
  /** Which root fields; all by default. */
  fields?: (coordinate: string) => boolean
  /**
   * Writes once by each field, and reads after that alone and without filters: where another credential does what the
   * full attack has done already.
   */
  brief?: boolean
  /** Leaves out what is read once more after writing. */
  readsOnce?: boolean
}

/**
 * Everything that reads, everything that writes, and once more what reads. What is refused for the scope that a field
 * needs is refused whatever its arguments are (scopes.test.ts): of such a field one request is sent.
 */
export async function attack(server: TestServer, attack: Attack): Promise<Attempt[]> {
  const attempts: Attempt[] = []
  const refused = new Set<string>()
  // What a write held may come back in later answers: it is the attacker's own row then.
  let written = ''
  for (const request of planOf(attack)) {
    if (refused.has(request.field)) continue
    const { status, text } = await send(server, attack.credential, request.document)
    const sent = readable(JSON.stringify(request.document.variables))
    if (!isRead(request.field)) written += sent
    const leaked = attack.secrets.filter(
      (secret) => text.includes(secret) && !sent.includes(secret) && !written.includes(secret),
    )
    attempts.push({ name: request.name, field: request.field, status, text, leaked })
    if (isRefusedForScope(request.field, text)) refused.add(request.field)
  }
  return attempts
}

function planOf(attack: Attack): Request[] {
  const requests = requestsOf(attack).filter(({ field }) => attack.fields?.(field) ?? true)
  const reads = requests.filter(({ field }) => isRead(field))
  const writes = requests.filter(({ field, isFirst }) => !isRead(field) && (isFirst || !attack.brief))
  const plain = reads.filter(({ document: { variables } }) => !('filter' in variables || 'groupBy' in variables))
  const again = attack.brief ? plain : reads.filter(({ isFirst }) => isFirst)
  return [
    ...(attack.brief ? [] : reads),
    ...writes,
    ...(attack.readsOnce ? [] : again.map((request) => ({ ...request, name: `${request.name} (again)` }))),
  ]
}

/** The scope that a root field needs, as it is described: scopes.test.ts holds the description to it. */
export const scopeOf = (coordinate: string) =>
  /Needs the scope ([A-Z_]+)\./.exec(rootFields.get(coordinate)?.field.description ?? '')?.[1]

/** Whether nothing was answered but that the credential lacks the field's own scope. */
function isRefusedForScope(coordinate: string, text: string): boolean {
  const message = `This credential lacks the scope ${scopeOf(coordinate)}.`
  if (!text.includes(message)) return false
  const { data, errors } = JSON.parse(text)
  const isEmpty = Object.values(data ?? {}).every((value) => value === null)
  return isEmpty && errors.length === 1 && errors[0].message === message && errors[0].path.length === 1
}

export interface Request {
  name: string
  field: string
  /** Of its field, the one to send where one is enough: what is left out differs in arguments alone. */
  isFirst: boolean
  document: Document
}

/** For each root field its cases, before those what takes arguments below it, and after them what rows alone are asked for. */
export function requestsOf({ other, own }: { other: Planted; own: Planted }): Request[] {
  return Object.entries(cases).flatMap(([field, argumentsOf]) => {
    const nested = Object.entries(nestedCases)
      .filter(([, { rootField }]) => rootField === field)
      .map(([nestedField, nestedCase]) => [nestedField, nestedCase.arguments(other, own)] as const)
    const given = argumentsOf(other, own)
    const ofRows = rowCases[field]?.(other, own) ?? []
    // A small page: what hangs on each row counts towards the cost of the document.
    const page = rootFields.get(field)?.field.args.some(({ name }) => name === 'after') ? { first: 10 } : {}
    return [
      // One by one: everything of all together is more than a document may select.
      ...nested.flatMap(([nestedField, values]) =>
        requestsFor(`${field} > ${nestedField}`, field, page, { nested: { [nestedField]: values } }),
      ),
      ...given.flatMap((args, i) => requestsFor(`${field} #${i}`, field, args, { isFirst: i === 0 })),
      ...ofRows.map((args, i) => requestForRows(`${field} #${given.length + i}`, field, args, { isFirst: false })),
    ]
  })
}

interface Asking {
  nested?: NestedArguments
  isFirst?: boolean
}

/** A request for everything, one for the rows alone where these are read in another way, and one for rows that the database writes. */
function requestsFor(name: string, field: string, args: Arguments, asking: Asking): Request[] {
  const { nested = {}, isFirst = true } = asking
  const document = selectEverything(field, args, nested, { flat: !isFirst && isAskedFlat(field) })
  const readsRows = isReadFromRows(field)
  return [
    { name, field, isFirst, document },
    ...(readsRows ? [requestForRows(name, field, args, asking)] : []),
    ...(readsRows && isFirst ? [requestForRows(name, field, args, { ...asking, columnsAlone: true })] : []),
  ]
}

function isReadFromRows(coordinate: string): boolean {
  const root = rootFields.get(coordinate)
  const reads = root && root.type.name !== 'Mutation' && rootReadsOf(knownField(root.field).resolve)
  return reads !== undefined && reads !== false && 'model' in reads
}

function requestForRows(
  name: string,
  field: string,
  args: Arguments,
  { nested = {}, isFirst = true, columnsAlone = false }: Asking & { columnsAlone?: boolean },
): Request {
  const breadth = { flat: !isFirst && isAskedFlat(field), rowsAlone: true, columnsAlone }
  return {
    ...{ name: `${name} (${columnsAlone ? 'columns' : 'rows'})`, field, isFirst },
    document: selectEverything(field, args, withoutWaiting(nested), breadth),
  }
}

/** Arguments of a list or a write decide which rows it has: all that hangs on a row is asked for with the first ones. */
const isAskedFlat = (field: string) => isList(field) || !isRead(field)

/** Arguments of fields that are not selected where rows alone are. */
const withoutWaiting = (nested: NestedArguments): NestedArguments =>
  Object.fromEntries(Object.entries(nested).filter(([coordinate]) => !WAITING.has(coordinate)))

const WAITING = new Set([
  ...['Agent.conversations', 'EndUser.conversations', 'EndUser.metrics'],
  ...['Conversation.firstMeaningfulIntent', 'Conversation.searchMatches'],
])

/** The tables that hold rows of tenants, by the catalog: each row has one. What may have none is the account's. */
export async function tenantTables(server: TestServer): Promise<string[]> {
  const rows = await server.owner(`
    SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
      AND a.attname = 'tenant_id' AND a.attnotnull AND NOT a.attisdropped ORDER BY 1`)
  return rows.map(({ name }) => String(name))
}

/** Everything that is stored of a tenant, as text: equal when not a byte has changed. */
export async function dumpOf(server: TestServer, tenantId: string): Promise<{ data: string; account: string }> {
  const rowsOf = async (table: string, condition: string) => {
    const rows = await server.owner(
      `SELECT (to_jsonb(t) - 'last_used_at')::text AS row FROM ${table} t WHERE ${condition} ORDER BY 1`,
    )
    return `${table}\n${rows.map(({ row }) => row).join('\n')}\n`
  }
  let data = ''
  for (const table of await tenantTables(server)) data += await rowsOf(table, `tenant_id = '${tenantId}'`)
  const account =
    (await rowsOf('tenants', `id = '${tenantId}'`)) + (await rowsOf('api_keys', `tenant_id = '${tenantId}'`))
  return { data, account }
}

/** What nobody else may see of a dump: each canary, and each id in every form that it is written in. */
export function secretsOf(dump: string): string[] {
  const canaries = dump.match(/canary-[a-z]+-[0-9a-f]{8}[a-z-]*/g) ?? []
  const uuids = dump.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? []
  const ids = uuids.flatMap((uuid) => [uuid, TypeID.fromUUID('id', uuid).getSuffix()])
  return [...new Set([...canaries, ...ids])]
}

/** The attempts without what differs between any two tenants that do the same: ids, names of tenants, times of now. */
export function withoutIdentity(attempts: readonly Attempt[], { other, own }: Pick<Attack, 'other' | 'own'>) {
  const labels = new Map<string, string>()
  const label = (id: string) => {
    if (!labels.has(id)) labels.set(id, `<id ${labels.size}>`)
    return labels.get(id) ?? ''
  }
  const plain = (text: string) =>
    text
      .replaceAll(other.tenantId, '<other>')
      .replaceAll(own.tenantId, '<own>')
      .replace(/canary-[a-z]+-[0-9a-f]{8}/g, 'canary')
      .replace(/\b[a-z]+_[0-9a-hjkmnp-tv-z]{26}\b/g, label)
      // Hashes of documents, which have canaries.
      .replace(/\b[0-9a-f]{64}\b/g, '<hash>')
      // A token's claims.
      .replace(/"(?:iat|nbf|exp)":\d+/g, '<now>')
      .replace(/"(jti|[a-z_]*key[a-z_]*)":"[0-9a-f-]{36}"/g, '<own key>')
      .replace(/"mark":"[0-9a-f]{32}"/g, '<own mark>')
      // One's own agent that has the external id of another's.
      .replace(/"agents":\["[0-9a-f-]{36}"\]/g, '<own agents>')
      // Places of rows in lists: own ones, whose UUIDs and times of creation differ.
      .replace(/\["[A-Z_]+",(?:null|[\d.]+),"[^"]*"\]/g, '<place>')
      // Places in the changes, sealed.
      .replace(/"resumeToken":"[\w-]+"/g, '<resume token>')
      .replace(/\b(?!2024)\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<now>')
  // The ids that both know from the start are numbered by their place in the plan.
  plain(JSON.stringify([other, own]))
  return attempts.map(({ name, status, text }) => `${name}: ${status} ${plain(text)}`)
}

export const isRead = (coordinate: string) => !coordinate.startsWith('Mutation.')

/** Whether it answers rows page by page. */
const isList = (coordinate: string) => {
  const type = getNamedType(rootFields.get(coordinate)?.field.type)
  return isObjectType(type) && 'pageInfo' in type.getFields()
}

/** For tenants' credentials, and for administrators who look at a tenant. */
export const isTenantField = (coordinate: string) => !isAccountField(coordinate)
