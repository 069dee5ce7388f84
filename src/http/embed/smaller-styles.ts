import { readFile } from 'node:fs/promises'
import { type Plugin, transform } from 'esbuild'

/** A style sheet in which nothing is filled in. */
const STYLES = /\bcss`([^`$\\]*)`/g

/** Minifies the style sheets of the components, which esbuild does not know in JavaScript: they are a seventh of it. */
export const smallerStyles: Plugin = {
  name: 'smaller styles',
  setup({ onLoad }) {
    onLoad({ filter: /\.css\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      const small = await Promise.all([...text.matchAll(STYLES)].map(([, css = '']) => minified(css)))
      return { contents: text.replaceAll(STYLES, () => `css\`${small.shift() ?? ''}\``), loader: 'ts' }
    })
  },
}

async function minified(css: string): Promise<string> {
  const { code } = await transform(css, { loader: 'css', minify: true, charset: 'utf8' })
  return code.trim().replaceAll(/[\\`$]/g, '\\$&')
}
