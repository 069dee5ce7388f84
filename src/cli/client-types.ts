import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
/** What whoever imports the declarations has: of `parley-client/react`, React. */
const PEERS = ['react']
/** Relative to the folder of the types. */
const LIT = 'lit.js'

/** Puts the declarations of the entries, such as `client/index`, into the folder, and those that they import. */
export function writeTypes(folder: string, entries: readonly string[]): void {
  const all = mkdtempSync(join(tmpdir(), 'parley-types-'))
  try {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    const options = ['--project', join(ROOT, '.config/client-types.json'), '--outDir', all]
    execFileSync(process.execPath, [tsc, ...options], { stdio: 'inherit' })
    for (const path of importedBy(entries, all)) {
      const target = join(folder, path)
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, withoutLit(readFileSync(join(all, path), 'utf8'), path))
    }
  } finally {
    rmSync(all, { recursive: true })
  }
  copyFileSync(join(import.meta.dirname, 'lit-types.d.ts'), join(folder, LIT.replace('.js', '.d.ts')))
}

const IMPORTED = /((?:\bfrom|\bimport\()\s*['"])([^'"]+)(['"])/g

/** The declarations of the entries, and all that they import. */
function importedBy(entries: readonly string[], folder: string): Set<string> {
  const found = new Set<string>()
  const visit = (path: string) => {
    if (found.has(path)) return
    found.add(path)
    for (const [, , imported = ''] of readFileSync(join(folder, path), 'utf8').matchAll(IMPORTED)) {
      if (imported.startsWith('.')) visit(join(dirname(path), imported.replace(/\.[jt]s$/, '.d.ts')))
      else if (imported !== 'lit' && !PEERS.includes(imported))
        throw new Error(`${path} declares something of ${imported}, which nobody has`)
    }
  }
  for (const entry of entries) visit(`${entry}.d.ts`)
  return found
}

/** Whoever installs the package does not install Lit. */
function withoutLit(text: string, path: string): string {
  const there = relative(dirname(path), LIT)
  const own = there.startsWith('.') ? there : `./${there}`
  return text.replaceAll(IMPORTED, (whole, before, name, after) => (name === 'lit' ? before + own + after : whole))
}
