import { describe, expect, test } from 'vitest'
import { type Answer, codes } from './server.ts'

/** What every connection promises, proven for one of them. */

export interface PagedList {
  /** Ids of at least five entries, in the order of the list. */
  ids: string[]
  /** Asks for the list: `arguments` go inside its parentheses, `selection` inside its braces. */
  ask(pageArguments: string, selection: string): Promise<Answer>
  /** The connection in the answer. */
  // Answers have the shape that the document asked for.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  connection(answer: Answer): any
  /** Adds one entry, wherever the order puts it. */
  insert(): Promise<unknown>
  /** Takes one entry out, behind the server's back. */
  remove(id: string): Promise<unknown>
  /** A cursor of another list or order. */
  foreignCursor: string
  /** Sort values that no entry of this list can have, with an id of the right form. */
  impossiblePlaces: unknown[][]
}

export interface PagingOptions {
  /** The SQL statements that ran since the last call. */
  statements(): string[]
  /** How many of them `totalCount` costs: none where the entries' owner keeps the count. */
  countStatements: 0 | 1
  open(): Promise<PagedList>
}

const PAGE = 'edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }'

interface Page {
  edges: { cursor: string; node: { id: string } }[]
  nodes: { id: string }[]
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
}

export function provePaging(name: string, options: PagingOptions) {
  describe(name, () => {
    let opened: Promise<PagedList> | null = null
    // What reads alone shares one list.
    const shared = { ...options, open: () => (opened ??= options.open()) }
    proveWalks(shared)
    proveRefusals(shared)
    proveCounts(shared)
    proveStability(options)
  })
}

async function read(list: PagedList, pageArguments: string): Promise<Page> {
  const answer = await list.ask(pageArguments, PAGE)
  expect(answer.errors).toBeUndefined()
  const page: Page = list.connection(answer)
  expect(page.nodes).toEqual(page.edges.map(({ node }) => node))
  expect(page.pageInfo.startCursor).toBe(page.edges.at(0)?.cursor ?? null)
  expect(page.pageInfo.endCursor).toBe(page.edges.at(-1)?.cursor ?? null)
  return page
}

const idsOf = (page: Page) => page.nodes.map(({ id }) => id)

/** Pages on from a cursor to the end of the list, or backward to its start. */
async function walk(list: PagedList, size: number, direction: 'forward' | 'backward', from: string | null = null) {
  const forward = direction === 'forward'
  const pages: Page[] = []
  let cursor = from
  // Bounded, so that a list that never ends fails.
  for (let reads = 0; reads < 200; reads++) {
    const place = cursor === null ? '' : `, ${forward ? 'after' : 'before'}: "${cursor}"`
    const page = await read(list, `${forward ? 'first' : 'last'}: ${size}${place}`)
    pages.push(page)
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo
    if (!(forward ? hasNextPage : hasPreviousPage)) break
    cursor = forward ? endCursor : startCursor
  }
  return (forward ? pages : pages.reverse()).flatMap(idsOf)
}

function proveWalks({ open }: PagingOptions) {
  test('every entry comes once and in order, forward and backward, in pages of any size', async () => {
    const list = await open()
    for (const size of [1, 3, list.ids.length]) {
      expect(await walk(list, size, 'forward'), `forward by ${size}`).toEqual(list.ids)
      expect(await walk(list, size, 'backward'), `backward by ${size}`).toEqual(list.ids)
    }
  })

  test('a page says whether entries come before and behind it', async () => {
    const list = await open()
    const all = await read(list, 'first: 100')
    const cursor = (index: number) => all.edges.at(index)?.cursor
    const flags = async (pageArguments: string) => {
      const page = await read(list, pageArguments)
      return [idsOf(page), page.pageInfo.hasPreviousPage, page.pageInfo.hasNextPage]
    }
    const { ids } = list
    expect(await flags('first: 100')).toEqual([ids, false, false])
    expect(await flags('last: 100')).toEqual([ids, false, false])
    expect(await flags('first: 2')).toEqual([ids.slice(0, 2), false, true])
    expect(await flags('last: 2')).toEqual([ids.slice(-2), true, false])
    expect(await flags(`first: 2, after: "${cursor(0)}"`)).toEqual([ids.slice(1, 3), true, true])
    expect(await flags(`last: 2, before: "${cursor(-1)}"`)).toEqual([ids.slice(-3, -1), true, true])
    expect(await flags(`first: 2, after: "${cursor(-1)}"`)).toEqual([[], true, false])
    expect(await flags(`last: 2, before: "${cursor(0)}"`)).toEqual([[], false, true])
    expect(await flags('first: 0')).toEqual([[], false, true])
    expect(await flags('last: 0')).toEqual([[], true, false])
    expect(await flags(`after: "${cursor(0)}", before: "${cursor(-1)}"`)).toEqual([ids.slice(1, -1), true, false])
    expect(await flags(`last: 1, after: "${cursor(0)}", before: "${cursor(-1)}"`)).toEqual([
      ids.slice(-2, -1),
      true,
      true,
    ])
  })
}

function proveStability({ open }: PagingOptions) {
  test('pages go on where they were although entries come and the very entry at the cursor goes', async () => {
    for (const direction of ['forward', 'backward'] as const) {
      const list = await open()
      const ahead = direction === 'forward' ? list.ids : list.ids.toReversed()
      const page = await read(list, direction === 'forward' ? 'first: 2' : 'last: 2')
      const { startCursor, endCursor } = page.pageInfo
      await list.insert()
      await list.remove(ahead[1] ?? '')
      await list.remove(ahead[3] ?? '')
      const rest = await walk(list, 1, direction, direction === 'forward' ? endCursor : startCursor)
      const expected = list.ids.filter((id) => ![0, 1, 3].includes(ahead.indexOf(id)))
      expect(
        rest.filter((id) => list.ids.includes(id)),
        direction,
      ).toEqual(expected)
      expect(new Set(rest).size).toBe(rest.length)
    }
  })
}

function proveRefusals({ open }: PagingOptions) {
  test('what is no page is refused by name', async () => {
    const list = await open()
    const refusal = async (pageArguments: string) => {
      const answer = await list.ask(pageArguments, 'nodes { id }')
      return [...codes(answer), answer.errors?.[0]?.extensions['inputPath']]
    }
    for (const name of ['first', 'last']) {
      expect(await refusal(`${name}: 101`)).toEqual(['BAD_USER_INPUT', name])
      expect(await refusal(`${name}: -1`)).toEqual(['BAD_USER_INPUT', name])
    }
    expect(await refusal('first: 1, last: 1')).toEqual(['BAD_USER_INPUT', 'last'])
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const cursors = ['', 'garbage', '%%%', encode(null), encode({}), encode([]), encode(['X', 0, '', 1])]
    for (const cursor of [...cursors, ...list.impossiblePlaces.map(encode), list.foreignCursor]) {
      for (const name of ['after', 'before']) {
        expect(await refusal(`${name}: "${cursor}"`), cursor).toEqual(['BAD_USER_INPUT', name])
      }
    }
  })
}

function proveCounts({ open, statements, countStatements }: PagingOptions) {
  test('the whole list is counted where that is selected, and only there', async () => {
    const list = await open()
    const run = async (selection: string) => {
      statements()
      const answer = await list.ask('first: 2', selection)
      return { page: list.connection(answer), ran: statements() }
    }
    const without = await run('nodes { id }')
    const counted = await run('totalCount nodes { id }')
    expect(counted.page.totalCount).toBe(list.ids.length)
    const counts = (ran: string[]) => ran.filter((sql) => /count\(/i.test(sql)).length
    expect([counts(counted.ran), counts(without.ran)]).toEqual([countStatements, 0])
    const { page } = await run('totalCount')
    expect(page).toEqual({ totalCount: list.ids.length })
  })
}
