import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './embed-sources.ts'

/** The licenses of the packages that these files belong to, in one text: most want to be told wherever their code is. */
export async function licensesOf(inputs: readonly string[]): Promise<string> {
  const folders = new Set(inputs.flatMap((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []))
  const parts = [...folders].toSorted().map(async (folder) => {
    const name = (await readdir(join(ROOT, folder))).find((file) => /^licen[cs]e/i.test(file))
    if (name === undefined) throw new Error(`${folder} has no license`)
    return `${folder.slice('node_modules/'.length)}\n\n${(await readFile(join(ROOT, folder, name), 'utf8')).trim()}\n`
  })
  return (await Promise.all(parts)).join(`\n${'-'.repeat(80)}\n\n`)
}
