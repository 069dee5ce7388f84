import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { inject } from 'vitest'
import { CHROMIUM } from './chromium.ts'

/** Switches off everything that would make it contact other hosts. */
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']

/** Whether browser tests run here. Pages do not depend on the kind of database, so one kind of run is enough. */
export function canBrowse(what: string): boolean {
  if (inject('databaseKind') !== 'pglite') return false
  const isThere = existsSync(CHROMIUM)
  if (!isThere)
    console.warn(
      `${what} is not tested: there is no ${CHROMIUM}. Install Debian's chromium, or name another in CHROMIUM.`,
    )
  return isThere
}

export function launchBrowser(args: string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', ...QUIET, ...args],
  })
}
