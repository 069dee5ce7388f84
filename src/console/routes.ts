import { type Access, isAdmin } from './access.ts'

export const PAGES = ['start', 'keys', 'tenants', 'issuers', 'audit', 'limits'] as const
export type PageName = (typeof PAGES)[number]

/** What the hash of the address names: a page, and an entry of it. It never holds a secret. */
export interface Route {
  page: PageName
  /** On the page of the keys, whose id it is: both may look the same. */
  by?: 'tenant' | 'key' | undefined
  /** Such as the id of a tenant. */
  id?: string | undefined
}

const isPage = (name: string): name is PageName => (PAGES as readonly string[]).includes(name)

export const hashOf = ({ page, by, id }: Route): string =>
  `#${[page, by, id].flatMap((part) => (part === undefined ? [] : [encodeURIComponent(part)])).join('/')}`

/** The route of a hash; the start page if it names no page that the key may see. */
export function routeOf(hash: string, access: Access): Route {
  const [page = '', ...rest] = hash.slice(1).split('/')
  if (!isPage(page) || !isAllowed(page, access)) return { page: 'start' }
  if (page === 'tenants' && access.tenant) return { page, id: access.tenant.id }
  const [by, id] = page === 'keys' ? rest : [undefined, ...rest]
  if (!id || (page === 'keys' && by !== 'tenant' && by !== 'key')) return { page }
  try {
    return { page, by: by as Route['by'], id: decodeURIComponent(id) }
  } catch {
    return { page }
  }
}

/** Whether the key can do anything on the page. */
export function isAllowed(page: PageName, access: Access): boolean {
  switch (page) {
    case 'start':
    case 'tenants':
    case 'limits':
      return true
    case 'keys':
    case 'issuers':
    case 'audit':
      return isAdmin(access)
  }
}
