import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'

const ROOT = join(import.meta.dirname, '../..')

/** The components for React. The elements and React are imported, so that a page has them once. */
export async function buildReact(folder: string): Promise<void> {
  await build({
    entryPoints: [join(ROOT, 'src/embed/react.ts')],
    outdir: folder,
    ...{ bundle: true, format: 'esm', platform: 'neutral', target: 'es2022', minifySyntax: true, logLevel: 'warning' },
    external: ['react'],
    plugins: [elementsOfPackage],
    // Frameworks that render on a server run in the browser, too, what such a file has.
    banner: { js: `'use client'` },
  })
  // Its code is in the file.
  cpSync(join(ROOT, 'node_modules/@lit/react/LICENSE'), join(folder, 'LICENSE-lit-react'))
}

/** By name, and so nothing of them where the package's exports have nothing: in Node. */
const elementsOfPackage: Plugin = {
  name: 'elements of the package',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/index\.ts$/ }, () => ({ path: 'parley-client/embed', external: true }))
  },
}
