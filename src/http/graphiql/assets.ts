import { once } from 'node:events'
import { startThread } from '../../start-thread.ts'
import type { StaticFile } from '../static-file.ts'

type Part = 'script' | 'start' | 'style' | 'editorWorker' | 'jsonWorker' | 'graphqlWorker'

/** One file of GraphiQL. */
export interface Asset extends StaticFile {
  part: Part
  /** Includes a hash of the content, so a file of this name never changes. */
  name: string
}

/** GraphiQL's files, 14 MB: made at the first request, and then cached. */
export class Assets {
  #packed: Promise<Asset[]> | null = null

  async named(name: string): Promise<Asset | undefined> {
    return (await this.#all()).find((asset) => asset.name === name)
  }

  async names(): Promise<Record<Part, string>> {
    const assets = await this.#all()
    // There is exactly one of each part.
    return Object.fromEntries(assets.map(({ part, name }) => [part, name])) as Record<Part, string>
  }

  #all(): Promise<Asset[]> {
    this.#packed ??= packed().catch((error) => {
      this.#packed = null
      throw error
    })
    return this.#packed
  }
}

async function packed(): Promise<Asset[]> {
  // An `error` event rejects.
  const [assets] = await once(startThread(new URL('pack-assets.ts', import.meta.url)), 'message')
  return assets
}
