import { readFile } from 'node:fs/promises'
import { type Plugin, transform } from 'esbuild'

/** A style sheet, and others that are filled in between its rules. */
const STYLES = /\bcss`((?:[^`$\\]|\$\{\w+\})*)`/g
const FILLED_IN = /(\$\{\w+\})/

/** Minifies the style sheets of the components, which esbuild does not see in JavaScript: they are a seventh of it. */
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
  const parts = css.split(FILLED_IN).map(async (part, index) => {
    if (index % 2 === 1) return part
    const { code, warnings } = await transform(part, { loader: 'css', minify: true, charset: 'utf8' })
    if (warnings[0]) throw new Error(`a style sheet is not one: ${warnings[0].text}`)
    return code.trim().replaceAll(/[\\`$]/g, '\\$&')
  })
  return (await Promise.all(parts)).join('')
}
